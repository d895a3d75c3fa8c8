"""S3 access points: what comes through one needs the access point's policy, the bucket's and the asker's own.

A bucket may leave its access control to access points (`s3:DataAccessPointAccount`, `s3:DataAccessPointArn`), so that a
request through one passes where a direct one is denied. The access point is asked as a resource of its own account;
the bucket is asked with the keys that such a request carries.

SOURCE: Amazon S3 user guide, configuring IAM policies for access points: permissions of an access point's policy count
only if the bucket permits the same access, by delegating to access points or by saying so itself (a stored copy, read
2026-11-26). Left out: access points for directory buckets, for Object Lambda and of many regions, which have ARNs and
rules of their own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from access.aws.arns import account_of, region_of
from access.aws.ask import Questions
from access.aws.capable import Capable
from access.aws.decide import decide, decide_both
from access.aws.joined import conditional, in_one_call
from access.aws.outcomes import Answer, Effect, Outcomes
from access.aws.policies import Origin, Sourced
from access.aws.request import Form
from access.aws.subjects import EVERYTHING, Subject
from access.aws.targets import Codes, Target, Targets, cover
from access.decision import Alternative, Condition, Decision, Layer, Need, flat
from access.decision import Effect as Verdict
from access.estate import Estate
from access.held import Held
from access.technique import CapabilityRow, KindRow
from graph.model import Certainty, Node, NodeId

TECHNIQUE = "s3-access-point"
_HANDED_ON = Sourced(EVERYTHING, Origin(Layer.IDENTITY, "allowed on the access point"))


@dataclass(frozen=True, slots=True)
class Way:
    """One dataset as one access point shows it: the place of the dataset, and the access point's node."""

    place: int
    point: Node


class Through(Targets):
    """The datasets of buckets as their access points show them, each a target under the access point's policy."""

    def __init__(self, estate: Estate, form: KindRow, datasets: Targets) -> None:
        super().__init__(estate, form, "self")
        self.at = datasets.at
        points = {row.node.id: row for row in self.rows}
        self.ways: tuple[Way, ...] = ()
        rows: list[Target] = []
        for point in points.values():
            for place in _shown(point.node, datasets):
                self.ways += (Way(place, point.node),)
                rows.append(self._seen(point, datasets.rows[place]))
        self.rows = tuple(rows)
        self.position = {row.node.id: place for place, row in enumerate(rows)}

    def _seen(self, point: Target, dataset: Target) -> Target:
        """The dataset below the access point: the same objects, under another name."""
        bucket = str(dataset.node.id).partition("/")[0]

        def below(pattern: str) -> str:
            return f"{point.node.id}/object{pattern.removeprefix(bucket)}"

        question, excluding = below(dataset.question), tuple(map(below, dataset.excluding))
        return replace(
            point,
            node=Node(NodeId(question), "Dataset", {"name": question}),
            question=question,
            excluding=excluding,
            account=account_of(point.node.id),
            region=region_of(point.node.id),
            inputs=point.inputs | dataset.inputs,
            signature=self._signed(point, dataset, question, excluding),
        )

    def _signed(
        self, point: Target, dataset: Target, question: str, excluding: tuple[str, ...]
    ) -> int:
        """Alike through one access point are datasets that are alike themselves and that its policy covers alike."""
        key: Hashable = (
            point.node.id,
            dataset.signature,
            tuple(
                question if "${" in pattern else cover(pattern, question, excluding)
                for statement in point.sayings
                for pattern in (*statement.resources, *statement.not_resources)
            ),
        )
        return self._signatures.setdefault(key, len(self._signatures))


def _shown(point: Node, datasets: Targets) -> Iterator[int]:
    """The datasets that lie in the access point's bucket."""
    bucket = _setting(point, "bucket")
    for place, row in enumerate(datasets.rows):
        if bucket and str(row.node.id).partition("/")[0].rpartition(":::")[2] == bucket:
            yield place


class AccessPoints:
    """Asks the rows about objects once more, through every access point of the bucket."""

    def __init__(
        self, estate: Estate, questions: Questions, outcomes: Outcomes, *, capable: Capable
    ) -> None:
        self._estate = estate
        self._questions = questions
        self._outcomes = outcomes
        self._capable = capable

    @cached_property
    def _through(self) -> Through:
        form = self._questions.form("Dataset/access-point")
        return Through(self._estate, form, self._questions.targets("Dataset", "objects"))

    def held(self, subject: Subject, row: CapabilityRow) -> Iterator[Held]:
        """What the subject reads or writes through access points; nothing for rows about anything but objects."""
        if row.form != "Dataset" or row.at != "objects" or not len(self._through):
            return
        through = self._through
        places = self._questions.places(subject, row.action, through)
        answers: list[Answer] = []
        for alike in self._questions.alike(
            subject, row.action, through, places, extra=self._apart(subject, row, places)
        ):
            decision = self.decision(subject, row, int(alike[0]))
            if decision.effect.granted:
                answers.append(Answer(alike, decision))
        datasets = self._questions.targets("Dataset", "objects").rows
        keys = self._capable.keys(self._questions.targets("Dataset", "objects"))
        ways = through.ways
        yield from self._outcomes.held(
            subject,
            Effect(row.capability, TECHNIQUE, actions=(row.action,), key_action=row.key),
            targets=through,
            answers=answers,
            keys={place: keys[way.place] for place, way in enumerate(ways) if way.place in keys},
            becomes={place: datasets[way.place].node.id for place, way in enumerate(ways)},
            of_kind="Dataset",
        )

    def because(
        self, subject: Subject, row: CapabilityRow, target: NodeId
    ) -> Iterator[tuple[Need, ...]]:
        """The needs of each way to the dataset through an access point."""
        datasets = self._questions.targets("Dataset", "objects")
        if row.form != "Dataset" or row.at != "objects":
            return
        for place, way in enumerate(self._through.ways):
            if datasets.rows[way.place].node.id == target:
                decision = self.decision(subject, row, place)
                if decision.effect.granted:
                    yield decision.because

    def _apart(self, subject: Subject, row: CapabilityRow, places: Codes) -> tuple[Codes, ...]:
        """What keeps datasets apart beside the access point: the asker's own patterns, and their keys."""
        if not places.size:
            return ()
        datasets = self._questions.targets("Dataset", "objects")
        behind = np.array([self._through.ways[place].place for place in places.tolist()])
        columns = [*self._questions.codes(subject, (row.action,), datasets, behind)]
        if row.key:
            columns.append(self._capable.key_codes(subject, row.key, datasets, behind))
        return tuple(columns)

    def decision(self, subject: Subject, row: CapabilityRow, place: int) -> Decision:
        """The whole answer for one dataset through one access point."""
        through, datasets = self._through, self._questions.targets("Dataset", "objects")
        way = through.ways[place]
        answer = self._at_point(subject, row.action, through.rows[place], way.point)
        if answer.effect.granted:
            behind = self._at_bucket(subject, row.action, datasets.rows[way.place], way.point)
            answer = in_one_call(answer, behind)
        if not answer.effect.granted:
            return answer
        answer = self._capable.with_key(subject, row, datasets, way.place, answer)
        if not answer.effect.granted:
            return answer
        answer = _from_network(answer, way.point)
        return replace(answer, notes=(*answer.notes, f"through access point {way.point.name}"))

    def _at_point(self, subject: Subject, action: str, target: Target, point: Node) -> Decision:
        """Whether the access point lets the request in."""
        request = self._questions.request(subject, action, target, Form.EVERY)
        request = replace(request, context={**request.context, **_carried(point)})
        policies = self._questions.policies(subject, target, action, target.account)
        return self._questions.guarded(subject, target, decide(request, policies), point)

    def _at_bucket(self, subject: Subject, action: str, target: Target, point: Node) -> Decision:
        """Whether the bucket permits what its access point lets in.

        By its policy, whoever asks: what limits the asker was asked of the access point, and of the asker's own
        policies only a Deny on the bucket still counts. Or by the asker's own policies, in the bucket's account.
        """
        request = self._questions.request(subject, action, target, Form.EVERY)
        request = replace(request, context={**request.context, **_carried(point)})
        policies = self._questions.policies(subject, target, action, target.account)
        handed = replace(
            policies, identity=(*subject.identity, _HANDED_ON), boundary=None, scps=None
        )
        answers = [decide_both(request, handed)]
        if subject.account == target.account:
            answers.append(decide(request, policies))
        granted = [answer for answer in answers if answer.effect.granted]
        if not granted:
            return answers[0]
        best = min(granted, key=lambda answer: answer.certainty)
        if len(granted) > 1:
            ways = (answer.because for answer in granted)
            best = replace(best, because=(flat(f"the bucket permits {action}", ways),))
        if not target.account:
            return conditional(best, f"owner and policy of {target.node.name} unread")
        bucket = self._estate.nodes.get(NodeId(str(target.node.id).partition("/")[0]), target.node)
        return self._questions.guarded(subject, target, best, bucket)


def _setting(point: Node, name: str) -> str:
    settings = point.props.get("settings")
    return settings.get(name, "") if isinstance(settings, Mapping) else ""


def _carried(point: Node) -> dict[str, tuple[str, ...]]:
    """The condition keys by which a request says that it comes through the access point."""
    origin = _setting(point, "network_origin")
    return {
        "s3:dataaccesspointarn": (str(point.id),),
        "s3:dataaccesspointaccount": (account_of(point.id),),
        **({"s3:accesspointnetworkorigin": (origin,)} if origin else {}),
    }


def _from_network(answer: Decision, point: Node) -> Decision:
    """The answer on condition of the network that the access point takes requests from; any is taken from the internet."""
    origin = _setting(point, "network_origin").lower()
    if origin == "internet":
        return answer
    if origin != "vpc":
        return conditional(answer, f"network origin of {point.name} unread")
    network = _setting(point, "vpc")
    condition = Condition("aws:SourceVpc", "StringEquals", (network,) if network else ())
    need = Need(
        f"a request from the network of {point.name}",
        (Alternative((), (condition,), Certainty.CONDITIONAL),),
    )
    return replace(
        answer,
        effect=Verdict.CONDITIONAL,
        conditions=(*answer.conditions, condition),
        because=(*answer.because, need),
    )
