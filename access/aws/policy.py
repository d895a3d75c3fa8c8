"""AWS as `resolve` sees it: facts of its accounts in, effects held and classes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from access.aws.access_points import AccessPoints
from access.aws.ask import Openness, Questions
from access.aws.assignments import HOW as ASSIGNMENT
from access.aws.assignments import Assignments
from access.aws.capable import Capable
from access.aws.concrete import Concrete
from access.aws.escalation import Escalation
from access.aws.joined import conditional
from access.aws.limits import Limits
from access.aws.outcomes import Answer, Effect, Outcomes
from access.aws.outsiders import INTERNET, Federated, Outsider, Outsiders
from access.aws.predicates import Predicates
from access.aws.subjects import Subject, Subjects
from access.aws.tagging import Tagging
from access.aws.trust import WITH_IDENTITY
from access.aws.variants import described
from access.decision import Decision, Need
from access.decision import Effect as Verdict
from access.estate import Estate
from access.held import ClassRow, Held, Verdicts, YieldStep
from access.technique import Catalogue, YieldRow, catalogue
from graph.model import Capability, Certainty, Node, NodeId


class Policy:
    """Decides all access in the AWS accounts of an estate."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.rows: Catalogue = catalogue("aws")
        self.limits = Limits(estate)
        self.subjects = Subjects(estate, self.limits)
        self.questions = Questions(estate, self.limits, dict(self.rows.kinds), estate.instant)
        self.outcomes = Outcomes(estate, self.questions)
        self.capable = Capable(estate, self.questions, self.outcomes)
        self.escalation = Escalation(
            estate, self.questions, self.outcomes, subjects=self.subjects, capable=self.capable
        )
        self.tagging = Tagging(estate, self.questions, self.outcomes, self.capable)
        self.access_points = AccessPoints(
            estate, self.questions, self.outcomes, capable=self.capable
        )
        self.outsiders = Outsiders(estate, self.subjects)
        self.assignments = Assignments(estate)

    @cached_property
    def strangers(self) -> tuple[tuple[Held, ...], tuple[Node, ...]]:
        """What principals outside the estate hold, and the nodes that stand for them.

        Everything else is asked after it: an identity does not hold what everyone holds.
        """
        held, nodes = self._of_outsiders()
        self.questions.public = _by_target(one for one in held if one.holder.startswith("public:"))
        return tuple(held), tuple(nodes)

    @cached_property
    def _concrete(self) -> Concrete:
        outsiders = (*self.outsiders.public(), *self.outsiders.foreign())
        federated = list(self.outsiders.federated())
        return Concrete(
            self.estate,
            self.subjects,
            self.rows,
            questions=self.questions,
            capable=self.capable,
            escalation=self.escalation,
            tagging=self.tagging,
            access_points=self.access_points,
            strangers={
                **{one.node.id: one.subject for one in outsiders},
                **{one.outsider.node.id: one.outsider.subject for one in federated},
            },
            federated={
                (one.outsider.node.id, one.role): answer
                for one in federated
                if (answer := self._token(one)) is not None
            },
        )

    def explain(self, grant: Node, identity: NodeId, target: NodeId) -> tuple[Need, ...] | None:
        """The Grant's needs, concrete for the identity that entered and the target reached."""
        if grant.props["how"] == ASSIGNMENT:
            return self.assignments.needs(NodeId(str(grant.props["holder"])), target)
        _ = self.strangers  # public access is known before anything is asked
        return self._concrete.needs(grant, identity, target)

    def verdicts(self) -> Verdicts:
        """Everything that follows from the facts."""
        held, strangers = list(self.strangers[0]), self.strangers[1]
        held += self.assignments.held()
        subjects = list(self.subjects.real)
        done: set[NodeId] = set()
        while subjects:
            for subject in subjects:
                done.add(subject.id)
                held += self._of(subject)
            subjects = [s for s in self.escalation.reached.values() if s.id not in done]
            subjects.sort(key=lambda subject: subject.id)
        virtual = sorted(self.escalation.reached.values(), key=lambda subject: subject.id)
        holders = {one.holder for one in held}
        potential = [self.escalation.potential[name] for name in sorted(self.escalation.potential)]
        return Verdicts(
            held=tuple(held),
            classes=tuple(map(self._class_row, (*self.subjects.real, *virtual))),
            nodes=(*(node for node in strangers if node.id in holders), *(p[0] for p in potential)),
            runs_as=tuple((node.id, role) for node, role in potential),
            yields=tuple(self._yields()),
        )

    def _of(self, subject: Subject) -> list[Held]:
        found: list[Held] = []
        for row in self.rows.capabilities:
            found += self.capable.held(subject, row, self.rows.kinds[row.form])
            found += self.access_points.held(subject, row)
            found += self.tagging.held(subject, row, self.rows.kinds[row.form])
        if not subject.principal.service_linked:
            for technique in self.rows.techniques:
                found += self.escalation.held(subject, technique)
            found += self.escalation.ruling(subject)
        return found

    # Principals outside the estate.

    def _of_outsiders(self) -> tuple[list[Held], list[Node]]:
        held: list[Held] = []
        nodes: list[Node] = []
        everyone, any_account = self.outsiders.public()
        for outsider in (everyone, any_account, *self.outsiders.foreign()):
            nodes.append(outsider.node)
            held += self._of_outsider(outsider)
        for federated in self.outsiders.federated():
            nodes.append(federated.outsider.node)
            held += self._of_federated(federated)
        open_to_all = _by_target(one for one in held if one.holder == INTERNET)
        kept = [
            one
            for one in held
            if one.holder == INTERNET
            or not all(_as_open(one, open_to_all.get((one.how, t), ())) for t in one.targets)
        ]
        return kept, list({node.id: node for node in nodes}.values())

    def _of_outsider(self, outsider: Outsider) -> Iterator[Held]:
        """Capability rows of kinds with a policy of their own, and roles that trust it."""
        subject = outsider.subject
        for row in self.rows.capabilities:
            kind = self.rows.kinds[row.form]
            if kind.resource_policy and (outsider.node.id != INTERNET or row.form == "Dataset"):
                yield from self._unsure(self.capable.held(subject, row, kind), outsider)
                if subject.kind != "Public":
                    yield from self._unsure(self.access_points.held(subject, row), outsider)
        if outsider.node.id != INTERNET:
            trust = next(row for row in self.rows.techniques if row.how == "trust")
            yield from self._unsure(self.escalation.held(subject, trust), outsider)

    @staticmethod
    def _unsure(held: Iterable[Held], outsider: Outsider) -> Iterator[Held]:
        for one in held:
            if not outsider.unread:
                yield one
                continue
            unread = conditional(_nothing(one), outsider.unread)
            yield replace(one, because=unread.because)

    def _of_federated(self, federated: Federated) -> Iterator[Held]:
        roles = self.questions.targets("Role")
        answer = self._token(federated)
        if answer is not None:
            yield from self.outcomes.held(
                federated.outsider.subject,
                Effect(Capability.CONTROL, "trust"),
                targets=roles,
                answers=(Answer(np.array([roles.position[federated.role]]), answer),),
            )

    def _token(self, federated: Federated) -> Decision | None:
        """Whether a token of the subject pattern opens the role."""
        roles = self.questions.targets("Role")
        place = roles.position.get(federated.role)
        if place is None:
            return None
        subject = federated.outsider.subject
        answer = self.questions.decide_at(subject, WITH_IDENTITY, roles, place, federated.context)
        if not answer.effect.granted:
            return None
        breadth = f"breadth {federated.outsider.node.props['breadth']}"
        return replace(answer, chosen=(), notes=(*answer.notes, breadth))

    # Rows.

    def _class_row(self, subject: Subject) -> ClassRow:
        node = self.estate.nodes.get(NodeId(subject.principal.arn))
        first = node.name if node is not None else "a new role of single sign-on"
        if subject.virtual == "all":
            who = (
                first
                if subject.of is not None
                else f"a {subject.kind.lower()} of {subject.account}"
            )
            name = f"{who} with everything allowed"
        elif subject.step:
            name = f"{first} {described(subject.step)}"
        elif subject.virtual:
            name = f"{first} joined to {', '.join(group.rpartition('/')[2] for group in subject.groups)}"
        else:
            name = f"{first} and {len(subject.members) - 1} with equal policies"
        return ClassRow(
            subject.id,
            name,
            subject.account,
            subject.members,
            subject.virtual,
            subject.of,
            subject.residual,
        )

    def _yields(self) -> Iterator[YieldStep]:
        predicates = Predicates(self.estate)
        for row in self.rows.yields:
            for node in self.estate.of_kind(row.kind):
                if node.id.startswith("arn:") and not node.props.get("potential"):
                    step = self._yield(row, node, predicates)
                    if step is not None:
                        yield step

    @staticmethod
    def _yield(row: YieldRow, node: Node, predicates: Predicates) -> YieldStep | None:
        unread: list[str] = []
        for predicate in row.when:
            truth = predicates.holds(predicate, node.id)
            if truth is False:
                return None
            if truth is None:
                unread.append(f"{predicate} unread")
        certainty = Certainty.CONDITIONAL if unread else Certainty.DEFINITE
        if row.status == "D":
            certainty = Certainty.POSSIBLE
        return YieldStep(
            node.id,
            row.have,
            row.gain,
            row.id,
            certainty,
            row.cost,
            tuple(unread),
            node.asserted_by,
        )


def _by_target(held: Iterable[Held]) -> Mapping[tuple[str, NodeId], tuple[Openness, ...]]:
    """What everyone holds, by action and target: how surely, and on what it depends."""
    found: dict[tuple[str, NodeId], list[Openness]] = defaultdict(list)
    for one in held:
        for target in one.targets:
            found[one.how, target].append((one.certainty, frozenset(map(str, one.conditions))))
    return {key: tuple(ways) for key, ways in found.items()}


def _as_open(one: Held, ways: Iterable[Openness]) -> bool:
    """Whether everyone has it by one of these ways, and no less surely."""
    named = frozenset(map(str, one.conditions))
    return any(sure <= one.certainty and depends <= named for sure, depends in ways)


def _nothing(one: Held) -> Decision:
    return Decision(Verdict.ALLOW, because=one.because)
