"""Technique rows asked of a subject: what it gains by several permissions, or by widening itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from access.aws.ask import Questions
from access.aws.becoming import PROFILES, Becoming, changes
from access.aws.binding import asks_of, bound_to
from access.aws.capable import Capable
from access.aws.joined import conditional, either, together
from access.aws.others import Others, widens_another
from access.aws.outcomes import Answer, Effect, Outcomes
from access.aws.policies import Unread
from access.aws.ruling import ALL_OF_IAM, allows_all_of_iam
from access.aws.single_sign_on import ACCOUNT, SET, SingleSignOn
from access.aws.standing import Standing
from access.aws.subjects import Subject, Subjects
from access.aws.targets import Codes, Targets
from access.aws.trust import ASSUME
from access.aws.variants import Variants
from access.decision import Alternative, Decision, Need, flat
from access.decision import Effect as Verdict
from access.estate import Estate
from access.held import Held
from access.technique import Ask, Predicate, Technique
from graph.model import Capability, Node, NodeId, Props

_RULING = "iam:AttachRolePolicy"  # who may do this on some role decides what is allowed
_ANY_ROLE = "arn:{partition}:iam::{account}:role/*"
_WITH_EVERYTHING = (("iam:policyarn", "arn:aws:iam::aws:policy/AdministratorAccess"),)
_KIND_OF = {"$role": "Role", "$user": "User", "$group": "Group"}
_WIDEST_JOIN = 2  # groups joined in a row that are followed; more is a lower bound
_FEW_GROUPS = (
    8  # up to which pairs of joined groups are followed; above, single joins are a lower bound
)
_ALLOWED = Decision(Verdict.ALLOW)
_RUNS = Predicate("runs_as_known", ("$res",))


class Escalation:
    """Asks every technique of a subject; keeps the virtual subjects and potential workloads it leads to."""

    def __init__(
        self,
        estate: Estate,
        questions: Questions,
        outcomes: Outcomes,
        *,
        subjects: Subjects,
        capable: Capable,
    ) -> None:
        self._estate = estate
        self._questions = questions
        self._outcomes = outcomes
        self._subjects = subjects
        self._capable = capable
        self._standing = Standing(estate, questions)
        self._predicates, self._trusts = self._standing.predicates, self._standing.trusts
        self.decision = self._standing.decision
        self._widens: dict[NodeId, list[frozenset[NodeId]]] = {}
        self._others = Others(questions, outcomes, subjects)
        self.variants = Variants(estate, subjects)
        self.single_sign_on = SingleSignOn(estate, questions, subjects)
        self._becoming = Becoming(questions, subjects, self.variants, self.decision)
        self.reached: dict[NodeId, Subject] = {}
        self.potential: dict[NodeId, tuple[Node, NodeId]] = {}

    def held(self, subject: Subject, technique: Technique) -> Iterator[Held]:
        """What the technique gives the subject."""
        if not self._may_start(subject, technique):
            return
        bound = bound_to(technique)
        if changes(technique):
            yield from self._changed(subject, technique, bound)
        elif bound == "$self":
            yield from self._on_self(subject, technique)
        elif bound == "$policy":
            yield from self._on_policies(subject, technique)
        elif bound == "$group":
            yield from self._on_groups(subject, technique)
        else:
            yield from self._on_targets(subject, technique, bound)

    def ruling(self, subject: Subject) -> Iterator[Held]:
        """What it is to be allowed all of IAM: the same end as widening itself, also where that one step is barred.

        A role of single sign-on may not change itself, but anybody else. Whatever Denies, boundary and control
        policies take must leave the subject the say over who is allowed what: an identity that is allowed everything
        and denied everything, or bounded to reading, rules nothing.
        """
        need = None if subject.virtual == "all" else allows_all_of_iam(subject)
        if need is None:
            return
        rules = self._questions.some(subject, _RULING, _ANY_ROLE, _WITH_EVERYTHING)
        answer = together(replace(_ALLOWED, because=(need,)), rules)
        if answer.effect.granted:
            yield self._outcomes.single(
                subject,
                Effect(Capability.HELD, ALL_OF_IAM, self_widening=True),
                holder=subject.id,
                target=self._reach(self._subjects.everything(subject)),
                of_kind="PrincipalClass",
                decision=answer,
            )

    def _may_start(self, subject: Subject, technique: Technique) -> bool:
        """Whether it is worth asking: right kind of actor, and some statement for each action that needs one."""
        for predicate in technique.when:
            if predicate.name == "self_is":
                right = predicate.arguments[0].lower() == subject.kind.lower()
                if right is predicate.negated:
                    return False
        widens = any("$self" in gain.at for gain in technique.gains)
        if widens and subject.virtual == "all":
            return False
        return all(
            any(self._speaks(subject, part) for part in need.any) for need in technique.needs
        )

    def _speaks(self, subject: Subject, part: Ask | Predicate) -> bool:
        if isinstance(part, Predicate) or part.trust or part.action == ASSUME:
            return True
        return self._questions.allowed_somewhere(subject, part.action)

    # The actor itself.

    def _on_self(self, subject: Subject, technique: Technique) -> Iterator[Held]:
        """Asked of each member on its own ARN: a name pattern may cover some members only."""
        targets = self._questions.targets(subject.kind)
        selves = subject.members or (NodeId(subject.principal.arn),)
        places = np.array([targets.position[one] for one in selves if one in targets.position])
        granted: list[tuple[Codes, Decision]] = []
        for alike in self._questions.alike(subject, technique.needs, targets, places):
            answer = self.decision(subject, technique, targets, int(alike[0]))
            if answer.effect.granted:
                granted.append((alike, answer))
        wider = self._reach(self._subjects.everything(subject)) if granted else NodeId("")
        if len(granted) == 1 and len(granted[0][0]) == len(selves):
            yield self._widened(subject, technique, subject.id, wider, granted[0][1])
            return
        if not subject.members:
            return
        for alike, _answer in granted:
            for place in alike.tolist():
                one = self._subjects.alone(targets.rows[place].node.id)
                answer = self.decision(one, technique, targets, place)
                yield self._widened(one, technique, one.id, wider, answer)

    def _widened(
        self,
        subject: Subject,
        technique: Technique,
        holder: NodeId,
        wider: NodeId,
        answer: Decision,
    ) -> Held:
        if answer.effect is Verdict.ALLOW:
            whole = flat("", [answer.because])
            self._widens.setdefault(holder, []).extend(a.ids for a in whole.alternatives)
        return self._outcomes.single(
            subject,
            _effect(technique, Capability.HELD, widening=True),
            holder=holder,
            target=wider,
            of_kind="PrincipalClass",
            decision=answer,
        )

    def _changed(self, subject: Subject, technique: Technique, bound: str) -> Iterator[Held]:
        """The actor, or a role that it assumes, with one thing changed; or what single sign-on opens to it."""
        gain = technique.gains[0].at
        if gain == PROFILES:
            yield from self._of_domain(subject, technique)
            return
        if gain == SET:
            ways = self.single_sign_on.of_sets(subject, technique)
        elif gain == ACCOUNT:
            ways = self.single_sign_on.of_accounts(subject, technique)
        elif bound != "$role":
            ways = self._becoming.of_self(subject, technique)
        elif self._content(subject, technique):
            return
        else:
            targets = self._questions.targets("Role")
            places = self._candidates(subject, technique, targets)
            ways = self._becoming.of_roles(subject, technique, targets, places)
        for one, becomes, answer in ways:
            yield self._outcomes.single(
                one,
                _effect(technique, Capability.HELD),
                holder=one.id,
                target=self._reach(becomes),
                of_kind="PrincipalClass",
                decision=answer,
            )

    def _of_domain(self, subject: Subject, technique: Technique) -> Iterator[Held]:
        """The profiles of each Studio domain that the technique speaks of."""
        domains, profiles = (
            self._questions.targets(form) for form in ("Workspace", "Notebook/user-profile")
        )
        for place in self._candidates(subject, technique, domains).tolist():
            answer = self.decision(subject, technique, domains, place)
            domain = str(domains.rows[place].node.id).replace(":domain/", ":user-profile/")
            for row in profiles.rows if answer.effect.granted else ():
                known = self._predicates.holds(_RUNS, row.node.id)
                if known is False or not row.node.id.startswith(f"{domain}/"):
                    continue
                told = self._outcomes.single(
                    subject,
                    _effect(technique, technique.gains[0].capability),
                    holder=subject.id,
                    target=row.node.id,
                    of_kind="Notebook",
                    decision=answer if known else conditional(answer, f"{_RUNS} unread"),
                )
                yield self._outcomes.about(told, row)

    def _content(self, subject: Subject, technique: Technique) -> bool:
        """Whether other identities, changed, are not told of: the actor has as much by itself, or is changed already."""
        rules = allows_all_of_iam(subject) is not None
        return bool(subject.virtual) or (
            self._bounds_nothing(subject) and (rules or self._widens_by(subject, technique))
        )

    def _on_policies(self, subject: Subject, technique: Technique) -> Iterator[Held]:
        """A customer-managed policy that is attached to the actor: each is a way to the same end."""
        options: list[tuple[tuple[Need, ...], Decision]] = []
        for policy, ways in sorted(subject.managed.items()):
            targets = self._questions.policy(policy)
            answer = self.decision(subject, technique, targets, 0)
            if answer.effect.granted:
                attached = Need(
                    f"{policy} attached", tuple(Alternative(tuple(sorted(way))) for way in ways)
                )
                options.append(((*answer.because, attached), answer))
        yield from self._by_any(subject, technique, options)

    def _by_any(
        self,
        subject: Subject,
        technique: Technique,
        options: list[tuple[tuple[Need, ...], Decision]],
    ) -> Iterator[Held]:
        """One Grant of everything, reached by any one of the options."""
        if not options:
            return
        answer = either(f"any of {len(options)} policies or groups", options)
        wider = self._reach(self._subjects.everything(subject))
        yield self._widened(subject, technique, subject.id, wider, answer)

    def _on_groups(self, subject: Subject, technique: Technique) -> Iterator[Held]:
        targets = self._questions.targets("Group")
        joins = any("joined" in gain.at for gain in technique.gains)
        options: list[tuple[tuple[Need, ...], Decision]] = []
        for place in self._joinable(subject, technique).tolist():
            group = targets.rows[place].node.id
            answer = self.decision(subject, technique, targets, place)
            if not answer.effect.granted:
                continue
            if joins:
                yield from self._join(subject, technique, group, answer)
            elif group in subject.groups:
                member = Need(f"member of {group}", self._subjects.membership(subject, group))
                options.append(((*answer.because, member), answer))
        yield from self._by_any(subject, technique, options)

    def _join(
        self, subject: Subject, technique: Technique, group: NodeId, answer: Decision
    ) -> Iterator[Held]:
        """Joining is told of every group that brings something, also one that the actor is in.

        Leaving it would not end what joining again brings back: a Grant that stood only while the actor is no member
        would appear when the membership is taken away. What widens the actor to everything brings more than any
        group; joining is left out where it never stands without that.
        """
        if self._wider_anyway(subject, answer) or not self._subjects.brings(group):
            return
        joined = self._reach(self._subjects.joined(subject, group))
        if joined != subject.id:
            yield self._outcomes.single(
                subject,
                _effect(technique, Capability.HELD),
                holder=subject.id,
                target=joined,
                of_kind="PrincipalClass",
                decision=answer,
            )

    def _wider_anyway(self, subject: Subject, answer: Decision) -> bool:
        """Whether each way of joining includes a way of allowing oneself everything."""
        widens = self._widens.get(subject.id, [])
        ways = flat("", [answer.because]).alternatives
        return all(any(wide <= way.ids for wide in widens) for way in ways)

    def _joinable(self, subject: Subject, technique: Technique) -> Codes:
        """Groups worth asking about: after one join, those that it newly opens, or all where they are few."""
        targets = self._questions.targets("Group")
        places = self._questions.places(subject, asks_of(technique)[0].action, targets)
        if subject.step:
            return places[:0]  # a change comes last: joining after it is a lower bound
        if subject.virtual != "joined":
            return places
        base = self._estate.groups_of(NodeId(subject.principal.arn))
        if len(set(subject.groups) - set(base)) >= _WIDEST_JOIN:
            return places[:0]
        return places if places.size <= _FEW_GROUPS else places[:0]

    def _reach(self, subject: Subject) -> NodeId:
        self.reached.setdefault(subject.id, subject)
        return subject.id

    # Other targets.

    @staticmethod
    def forms_of(technique: Technique) -> tuple[str, ...]:
        """The forms of nodes that the technique ranges over."""
        kind = _KIND_OF.get(bound_to(technique))
        return (kind,) if kind else tuple(gain.form for gain in technique.gains)

    def _on_targets(self, subject: Subject, technique: Technique, bound: str) -> Iterator[Held]:
        for gain in technique.gains:
            kind = _KIND_OF.get(bound) or gain.kind
            targets = self._questions.targets(_KIND_OF.get(bound) or gain.form)
            places = self._candidates(subject, technique, targets)
            truths = [self._capable.truth(one, targets)[places] for one in self._of_node(technique)]
            if widens_another(technique):
                yield from self._taken(subject, technique, targets, places, truths)
                continue
            answers: list[Answer] = []
            for alike in self._questions.alike(
                subject, technique.needs, targets, places, extra=truths
            ):
                answer = self.decision(subject, technique, targets, int(alike[0]))
                if answer.effect.granted:
                    answers.append(Answer(alike, answer))
            becomes = None
            if gain.at == "potential":
                becomes = {
                    place: self._workload(technique, gain.kind, targets, place)
                    for answer in answers
                    for place in answer.places.tolist()
                }
            yield from self._outcomes.held(
                subject,
                _effect(technique, gain.capability),
                targets=targets,
                answers=answers,
                becomes=becomes,
                of_kind=gain.kind or kind,
            )

    def _taken(  # one call, of the loop over the targets
        self,
        subject: Subject,
        technique: Technique,
        targets: Targets,
        places: Codes,
        truths: list[Codes],
    ) -> Iterator[Held]:
        """Another identity, widened to everything and then taken.

        Told of who cannot have as much by widening itself, or by being allowed all of IAM: losing that way would end
        this one too. Nor of who is widened already: it takes other identities as they are, and widening each of them
        would be a Grant for every pair, for what the account's limits leave to the first anyway.
        """
        if self._content(subject, technique):
            return
        alike = self._questions.alike(subject, technique.needs, targets, places, extra=truths)
        for wider, answer in self._others.widened(
            subject, technique, targets, alike=alike, decide=self.decision
        ):
            if self._bounds_nothing(subject) and self._wider_anyway(subject, answer):
                continue
            yield self._outcomes.single(
                subject,
                _effect(technique, Capability.HELD),
                holder=subject.id,
                target=self._reach(wider),
                of_kind="PrincipalClass",
                decision=answer,
            )

    def _widens_by(self, subject: Subject, technique: Technique) -> bool:
        """Whether for some need every statement that allows it is a way to widen the subject itself."""
        widens = self._widens.get(subject.id, [])
        asked = [need.any[0] for need in technique.needs if len(need.any) == 1]
        return any(
            all(
                any(wide <= way.ids for wide in widens)
                for policy, statement in subject.identity.on(ask.action).allows
                for way in policy.alternatives(statement, "")
            )
            for ask in asked
            if isinstance(ask, Ask) and ask.action != ASSUME
        )

    def _bounds_nothing(self, subject: Subject) -> bool:
        """Whether nothing of the subject's own would limit what it is with everything allowed."""
        return subject.boundary is None and not any(
            isinstance(policy, Unread) or policy.document.denies for policy in subject.identity
        )

    def _of_node(self, technique: Technique) -> Iterator[Predicate]:
        """The preconditions that the targets themselves decide: they keep targets apart."""
        parts = (part for need in technique.needs for part in need.any)
        for predicate in (*technique.when, *(p for p in parts if isinstance(p, Predicate))):
            if self._predicates.speaks_of_node(predicate) and "$policy" not in predicate.arguments:
                yield predicate

    def _candidates(self, subject: Subject, technique: Technique, targets: Targets) -> Codes:
        """Positions worth asking; a passed role must trust the service, nobody assumes itself."""
        asks = asks_of(technique)
        places = self._questions.places(subject, asks[0].action, targets)
        if asks[0].action != ASSUME:
            own = targets.by_account.get(subject.account, np.array([], dtype=np.int64))
            places = np.intersect1d(places, own)
        if technique.passes and places.size:
            places = places[self._trusts.names_service(targets, technique.passes)[places]]
        # Alone, the actor itself is no target; among others it stays, so that all who ask share the set.
        own_place = targets.position.get(subject.id)
        return places[:0] if places.size == 1 and places[0] == own_place else places

    def _workload(self, technique: Technique, kind: str, targets: Targets, place: int) -> NodeId:
        role = targets.rows[place].node
        identifier = NodeId(f"potential:{technique.id}/{role.id}")
        if identifier not in self.potential:
            props: Props = {
                "name": f"new {kind.lower()} as {role.name}",
                "platform": "aws",
                "account": targets.rows[place].account,
                "potential": True,
                "technique": technique.id,
            }
            self.potential[identifier] = (Node(identifier, kind, props), role.id)
        return identifier


def _effect(technique: Technique, capability: Capability, *, widening: bool = False) -> Effect:
    return Effect(
        capability,
        technique.how,
        technique.cost,
        demonstrated=technique.demonstrated,
        self_widening=widening,
        actions=tuple(ask.action for ask in asks_of(technique) if ask.at not in {"new", "*"}),
    )
