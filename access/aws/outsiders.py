"""Nobody's principals: the public, foreign accounts and federated subjects that some policy names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from access.aws.arns import account_of, root_of
from access.aws.document import PrincipalEntry, Statement, parse
from access.aws.key_grants import key_grants
from access.aws.policies import Origin, Sourced, Stack
from access.aws.principals import Principal, PrincipalKind
from access.aws.subjects import EVERYTHING, Subject, Subjects
from access.decision import Layer
from access.estate import Estate
from graph.model import Node, NodeId, Props, Role

INTERNET, ANY_ACCOUNT = NodeId("public:internet"), NodeId("public:aws")
_OIDC_ACTION = "sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True, slots=True)
class Outsider:
    """A principal that the estate does not hold, as a subject and as the node that will stand for it."""

    subject: Subject
    node: Node
    unread: str = ""  # why what it reaches is conditional


@dataclass(frozen=True, slots=True)
class Federated:
    """A federated subject pattern of one role's trust, with the context that its token carries."""

    outsider: Outsider
    role: NodeId
    context: tuple[tuple[str, str], ...]


def _subject(node: NodeId, kind: str, principal: Principal, *, own_policies: bool) -> Subject:
    allow = Sourced(EVERYTHING, Origin(Layer.IDENTITY, "policies of its own account"))
    return Subject(
        id=node,
        kind=kind,
        account=principal.account or "",
        principal=principal,
        members=(),
        identity=Stack([allow] if own_policies else []),
        boundary=None,
        groups=(),
        managed={},
        inputs=frozenset(),
        key="",
        of=None,
    )


class Outsiders:
    """Finds every outsider that a trust or resource policy names."""

    def __init__(self, estate: Estate, subjects: Subjects) -> None:
        self._estate = estate
        self._subjects = subjects

    def public(self) -> tuple[Outsider, Outsider]:
        """The anonymous internet, and whoever has an AWS account."""
        return (
            Outsider(
                _subject(
                    INTERNET, "Public", Principal(PrincipalKind.ANONYMOUS, "*"), own_policies=False
                ),
                Node(INTERNET, "Public", {"name": "everyone on the internet"}),
            ),
            Outsider(
                _subject(
                    ANY_ACCOUNT,
                    "Public",
                    Principal(
                        PrincipalKind.ACCOUNT, root_of("000000000000"), account="000000000000"
                    ),
                    own_policies=True,
                ),
                Node(ANY_ACCOUNT, "Public", {"name": "every AWS account", "platform": "aws"}),
            ),
        )

    def _statements(self) -> Iterator[tuple[NodeId, Statement]]:
        for role in (Role.TRUST, Role.RESOURCE):
            for holder in self._estate.holders(role):
                node = self._estate.nodes.get(holder)
                if (
                    node is None
                    or not node.present
                    or node.props.get("reserved") == "service-linked"
                ):
                    continue
                for row in self._estate.attached(holder, role):
                    content = self._estate.content(row)
                    for statement in parse(content.text).statements if content else ():
                        if statement.allow:
                            yield holder, statement
        for key in self._estate.of_kind("Key"):
            for grant in key_grants(self._estate, key, account_of(key.id))[0]:
                for statement in grant.document.statements:
                    yield key.id, statement

    def foreign(self) -> tuple[Outsider, ...]:
        """Each account, user or role outside the accounts whose IAM was read, that some Allow names."""
        named: set[PrincipalEntry] = set()
        for _holder, statement in self._statements():
            named |= {entry for entry in statement.principals if entry.type == "AWS"}
        found: dict[NodeId, Outsider] = {}
        for entry in sorted(named):
            outsider = self._foreign(entry.value)
            if outsider is not None:
                found.setdefault(outsider.node.id, outsider)
        return tuple(found.values())

    def _foreign(self, entry: str) -> Outsider | None:
        account = entry if entry.isdigit() else account_of(entry)
        if not account or account in self._subjects.accounts:
            return None
        ours = self._estate.nodes.get(NodeId(f"aws:account/{account}"))
        whole = entry.isdigit() or entry.endswith(":root")
        unread = f"IAM of account {account} unread" if ours is not None and ours.present else ""
        identifier = NodeId(
            f"aws:account/{account}"
            if whole and ours is None
            else root_of(account)
            if whole
            else entry
        )
        props: Props = {
            "name": f"account {account}" if whole else entry.rpartition("/")[2] or entry,
            "platform": "aws",
            "account": account,
            "reason": unread or "outside the estate",
        }
        principal = self._principal(entry, account, whole=whole)
        return Outsider(
            _subject(identifier, "External", principal, own_policies=True),
            Node(identifier, "External", props),
            unread,
        )

    def _principal(self, entry: str, account: str, *, whole: bool) -> Principal:
        kind, role = PrincipalKind.USER, None
        if whole:
            kind, entry = PrincipalKind.ACCOUNT, root_of(account)
        elif ":role/" in entry:
            kind, role = PrincipalKind.ROLE, entry
        elif ":assumed-role/" in entry:
            kind = PrincipalKind.SESSION
        organization = None if account in self._members else self._elsewhere
        return Principal(
            kind,
            entry,
            account=account,
            role_arn=role,
            organization=organization,
            organization_paths=None if organization is None else (f"{organization}/",),
        )

    @cached_property
    def _members(self) -> frozenset[str]:
        """The accounts of the organisations that were read."""
        return frozenset(
            str(node.id).rpartition("/")[2]
            for node in self._estate.of_kind("Account")
            if self._estate.incoming(node.id, "CONTAINS")
        )

    @cached_property
    def _elsewhere(self) -> str | None:
        """A name for the unknown organisation of a stranger; None where it could be one that a policy names.

        Whoever is in none of the accounts of an organisation that was read is not of that organisation. That decides
        a condition only while policies compare with such organisations alone.
        """
        ours = {str(node.id).rpartition("/")[2] for node in self._estate.of_kind("Organization")}
        named = {
            value
            for document in self._estate.facts.documents
            for statement in parse(document.text).statements
            for clause in statement.conditions
            if clause.key.lower() in {"aws:principalorgid", "aws:principalorgpaths"}
            for value in (part.partition("/")[0] for part in clause.values)
        }
        return "o-elsewhere" if ours and named <= ours else None

    def federated(self) -> Iterator[Federated]:
        """Each OIDC subject pattern that a role's trust accepts; SAML providers vouch by an edge instead."""
        for holder, statement in self._statements():
            if not statement.speaks_of(_OIDC_ACTION):
                continue
            for entry in statement.principals:
                if entry.type == "Federated" and ":saml-provider/" not in entry.value:
                    yield from self._oidc(holder, entry.value, statement)

    @staticmethod
    def _oidc(role: NodeId, provider: str, statement: Statement) -> Iterator[Federated]:
        host = provider.rpartition(":oidc-provider/")[2] or provider
        given = {clause.key.lower(): clause.values for clause in statement.conditions}
        key = f"{host}:sub".lower()
        audience = tuple(
            (name, values[0])
            for name, values in given.items()
            if name.startswith(f"{host}:".lower()) and name != key and values
        )
        for pattern in given.get(key) or ("*",):
            identifier = NodeId(f"external:oidc/{host}/{pattern}")
            props: Props = {
                "name": f"{pattern} at {host}",
                "breadth": pattern,
                "reason": "federated subject",
            }
            principal = Principal(PrincipalKind.FEDERATED, provider)
            outsider = Outsider(
                _subject(identifier, "External", principal, own_policies=False),
                Node(identifier, "External", props),
            )
            # The subject stands for every token that the pattern takes in: asked as one that matches.
            example = pattern.replace("*", "x").replace("?", "x")
            yield Federated(outsider, role, ((key, example), *audience))
