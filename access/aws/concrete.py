"""One Grant asked again for one identity and one target, with every Revocable concrete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import combinations

from access.aws.access_points import TECHNIQUE as POINT_TECHNIQUE
from access.aws.access_points import AccessPoints
from access.aws.ask import Questions
from access.aws.becoming import changes_another
from access.aws.binding import bound_to
from access.aws.capable import Capable
from access.aws.escalation import Escalation
from access.aws.others import widens_another
from access.aws.ruling import ALL_OF_IAM
from access.aws.subjects import Subject, Subjects
from access.aws.tagging import TECHNIQUE as TAG_TECHNIQUE
from access.aws.tagging import Tagging
from access.decision import Decision, Need, flat
from access.estate import Estate
from access.held import Held
from access.lift import through
from access.technique import CapabilityRow, Catalogue, Technique
from graph.model import Capability, Node, NodeId


class Concrete:
    """Finds the subject that holds a Grant and asks its row for the one target."""

    def __init__(
        self,
        estate: Estate,
        subjects: Subjects,
        rows: Catalogue,
        *,
        questions: Questions,
        capable: Capable,
        escalation: Escalation,
        tagging: Tagging,
        access_points: AccessPoints,
        strangers: Mapping[NodeId, Subject],
        federated: Mapping[tuple[NodeId, NodeId], Decision],
    ) -> None:
        self._estate = estate
        self._subjects = subjects
        self._rows = rows
        self._capable = capable
        self._escalation = escalation
        self._tagging = tagging
        self._access_points = access_points
        self._questions = questions
        self._strangers = strangers
        self._federated = federated

    def needs(self, grant: Node, identity: NodeId, target: NodeId) -> tuple[Need, ...] | None:
        """The needs as they stand for this identity and target; None where the Grant gives it nothing."""
        holder = NodeId(str(grant.props["holder"]))
        group = self._estate.nodes.get(holder)
        found = self._subject(holder, identity)
        if found is None:
            return None
        real, subject = found
        because = self._because(real, subject, grant, target)
        if because is not None and group is not None and group.kind == "Group":
            return through(because, holder, frozenset({str(identity)}))
        return None if because is None else tuple(need for need in because if not need.standing)

    def _subject(self, holder: NodeId, identity: NodeId) -> tuple[Subject, Subject] | None:
        """The holder, shared and with its principal side this identity's own."""
        outsider = self._strangers.get(holder)
        if outsider is not None:
            return outsider, outsider
        real = self._subjects.of_identity.get(identity)
        if real is None:
            return None
        alone = self._subjects.alone(identity)
        node = self._estate.nodes.get(holder)
        if holder in {real.id, identity} or (node is not None and node.kind == "Group"):
            return real, alone
        other = self._others.get(holder)  # what another identity became, and this one took
        if other is not None:
            return other, other
        return next((pair for pair in self._widened(real, alone) if pair[0].id == holder), None)

    def _widened(self, real: Subject, alone: Subject) -> Iterator[tuple[Subject, Subject]]:
        """The virtual subjects that this identity can become, each with its concrete form."""
        yield self._subjects.everything(real), self._subjects.everything(real)
        yield from self._changed(real, alone)
        for count in (1, 2):
            for joined in combinations(self._bringing, count):
                wide, narrow = real, alone
                for group in joined:
                    wide, narrow = (
                        self._subjects.joined(wide, group),
                        self._subjects.joined(narrow, group),
                    )
                yield wide, narrow
                yield self._subjects.everything(wide), self._subjects.everything(wide)
                yield from self._changed(wide, narrow)

    def _changed(self, real: Subject, alone: Subject) -> Iterator[tuple[Subject, Subject]]:
        """The subjects with one thing changed; a member of a class may be told of by itself."""
        variants = self._escalation.variants
        for step in variants.steps(real):
            narrow = variants.of(alone, step)
            for wide in (variants.of(real, step), narrow):
                yield wide, narrow
                yield self._subjects.everything(wide), self._subjects.everything(wide)

    @cached_property
    def _others(self) -> Mapping[NodeId, Subject]:
        """Every identity with everything allowed and every role with one thing changed, by what that is called."""
        found = [self._subjects.everything(one) for one in self._subjects.real]
        variants = self._escalation.variants
        for real in self._subjects.real:
            steps = list(variants.steps(real)) if real.kind == "Role" else []
            for member in real.members if steps else ():
                alone = self._subjects.alone(member)
                changed = [variants.of(alone, step) for step in steps]
                found += [*changed, *map(self._subjects.everything, changed)]
        found += map(self._escalation.single_sign_on.administrator, self._subjects.accounts)
        return {one.id: one for one in found}

    @cached_property
    def _bringing(self) -> tuple[NodeId, ...]:
        """The groups that bring something: joining any other is never told."""
        groups = sorted(node.id for node in self._estate.of_kind("Group"))
        return tuple(group for group in groups if self._subjects.brings(group))

    def _because(
        self, real: Subject, subject: Subject, grant: Node, target: NodeId
    ) -> tuple[Need, ...] | None:
        how, capability = str(grant.props["how"]), Capability(str(grant.props["capability"]))
        options = [
            found
            for row in self._rows.capabilities
            if row.capability is capability and how in {row.action, TAG_TECHNIQUE}
            if (found := self._of_row(subject, row, target, tagged=how == TAG_TECHNIQUE))
            is not None
        ]
        if how == POINT_TECHNIQUE:
            options = [
                needs
                for row in self._rows.capabilities
                if row.capability is capability
                for needs in self._access_points.because(subject, row, target)
            ]
        if options:
            return options[0] if len(options) == 1 else (flat("either way", options),)
        for technique in self._rows.techniques:
            if technique.how == how:
                found = self._of_technique(real, subject, technique, target)
                if found is not None:
                    return found
        if how == ALL_OF_IAM:
            return self._of_self(real, subject, self._escalation.ruling(subject), target)
        return None

    def _of_row(
        self, subject: Subject, row: CapabilityRow, target: NodeId, *, tagged: bool
    ) -> tuple[Need, ...] | None:
        targets = self._questions.targets(row.form, row.at)
        place = targets.position.get(target)
        if place is None:
            return None
        if tagged:
            answer = self._tagging.answer(subject, row, self._rows.kinds[row.form], targets, place)
            return None if answer is None else answer.because
        decision = self._capable.decision(subject, row, targets, place)
        return decision.because if decision.effect.granted else None

    def _of_technique(
        self, real: Subject, subject: Subject, technique: Technique, target: NodeId
    ) -> tuple[Need, ...] | None:
        federated = self._federated.get((subject.id, target))
        if federated is not None:
            return federated.because
        if widens_another(technique) or changes_another(technique):
            taken = self._escalation.held(subject, technique)
            return next((held.because for held in taken if held.targets == (target,)), None)
        if bound_to(technique) in {"$self", "$policy", "$group"}:
            return self._of_self(real, subject, self._escalation.held(subject, technique), target)
        if target.startswith("potential:") and not target.startswith(f"potential:{technique.id}/"):
            return None
        role = self._role_of(target)
        for form in self._escalation.forms_of(technique):
            targets = self._questions.targets(form)
            place = targets.position.get(role)
            if place is not None:
                decision = self._escalation.decision(subject, technique, targets, place)
                return decision.because if decision.effect.granted else None
        return None

    def _of_self(
        self, real: Subject, subject: Subject, found: Iterable[Held], target: NodeId
    ) -> tuple[Need, ...] | None:
        """The needs of the one that leads to this widened form of the identity."""
        return next(
            (held.because for held in found if self._same(real, subject, held.targets[0], target)),
            None,
        )

    def _same(self, real: Subject, subject: Subject, narrow: NodeId, wide: NodeId) -> bool:
        """Whether the widened form of the one identity is the widened form of its class."""
        if narrow == wide or wide == self._subjects.everything(real).id:
            return True
        found = self._escalation.reached.get(narrow)
        if found is not None and found.step:
            return self._escalation.variants.of(real, found.step).id == wide
        if found is None or found.virtual != "joined":
            return False
        added = [group for group in found.groups if group not in subject.groups]
        joined = real
        for group in added or found.groups[:1]:  # who is in all of them joins one again
            joined = self._subjects.joined(joined, group)
        return joined.id == wide

    @staticmethod
    def _role_of(target: NodeId) -> NodeId:
        """The role behind a potential workload; another node itself."""
        text = str(target)
        return NodeId(text.split("/", 1)[1]) if text.startswith("potential:") else target
