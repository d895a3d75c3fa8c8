"""One action asked of one subject over all targets of a kind: decided once per group of targets that are alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TypeAlias

import numpy as np

from access.aws.arns import partition_of, root_of, session_prefix
from access.aws.catalogue import wildcard_only
from access.aws.decide import decide, decide_any
from access.aws.document import Statement, parse
from access.aws.joined import conditional
from access.aws.limits import Levels, Limits
from access.aws.policies import Origin, Policies, Sourced, Unread
from access.aws.public_block import behind_block
from access.aws.rcp import binds
from access.aws.request import Form, Request
from access.aws.subjects import Subject
from access.aws.targets import COVERING, UNREAD, Codes, Target, Targets
from access.decision import (
    Decision,
    Layer,
)
from access.estate import Estate
from access.technique import Ask, KindRow, TechniqueNeed
from graph.model import Certainty, Node, NodeId

_NOBODY: Codes = np.array([], dtype=np.int64)
_MOST = 2**62  # no number of a column is larger
Openness: TypeAlias = tuple[Certainty, frozenset[str]]
"""How surely everyone has something, and on what that depends."""


class Questions:
    """Asks actions of subjects; holds the targets of every kind and what was already decided."""

    def __init__(
        self, estate: Estate, limits: Limits, kinds: dict[str, KindRow], now: datetime
    ) -> None:
        self._estate = estate
        self.limits = limits
        self._kinds = kinds
        self._now = now
        self._targets: dict[tuple[str, str], Targets] = {}
        self._decided: dict[Hashable, Decision] = {}
        self.public: Mapping[tuple[str, NodeId], tuple[Openness, ...]] = {}

    def targets(self, kind: str, at: str = "self") -> Targets:
        """The targets of this kind, or form of one, asked at this place."""
        key = (kind, at)
        if key not in self._targets:
            form = self._kinds.get(kind) or KindRow(kind, "")
            self._targets[key] = Targets(self._estate, form, at)
        return self._targets[key]

    def form(self, name: str) -> KindRow:
        """How resources of this form are addressed."""
        return self._kinds[name]

    def candidates(self, subject: Subject, targets: Targets) -> Codes:
        """Positions of what the subject could be allowed: its account's, and what names it elsewhere."""
        inside = subject.kind in {"User", "Role"}
        own = targets.by_account.get(subject.account)
        unread = targets.by_account.get("") if inside else None
        found = np.zeros(len(targets), dtype=np.bool_)
        for places in (own, unread):
            if places is not None:
                found[places] = True
        for entry in self._named(subject, targets):
            found[list(targets.naming.get(entry, ()))] = True
        return np.flatnonzero(found)

    def allowed_somewhere(self, subject: Subject, action: str) -> bool:
        """Whether some identity policy of the subject allows the action on anything at all."""
        return bool(subject.identity.on(action).allows)

    def places(self, subject: Subject, action: str, targets: Targets) -> Codes:
        """Positions worth asking: nothing of the own account where no policy of the subject speaks of it."""
        if not len(targets):
            return _NOBODY
        found = self.candidates(subject, targets)
        if self.allowed_somewhere(subject, action):
            return found
        named = {
            p for entry in self._named(subject, targets) for p in targets.naming.get(entry, ())
        }
        return np.array(sorted(named), dtype=np.int64)

    @staticmethod
    def _entries(subject: Subject) -> Iterator[str]:
        """The principal entries by which a resource policy can mean the subject."""
        principal = subject.principal
        yield "*"
        yield principal.arn
        if subject.kind in {"User", "Role"}:
            yield UNREAD  # its policy may name the subject; a stranger is not told of what may be
        if subject.account:
            yield subject.account
            yield root_of(subject.account, partition_of(principal.arn))
        if principal.unique_id:
            yield principal.unique_id

    def _named(self, subject: Subject, targets: Targets) -> Iterator[str]:
        """The same, with the session ARNs that policies of these targets name."""
        yield from self._entries(subject)
        prefix = session_prefix(subject.principal.arn)
        if prefix is not None:
            yield from (entry for entry in targets.naming if entry.startswith(prefix))

    def statements(self, subject: Subject, action: str) -> Iterator[Statement]:
        """Every statement of the asker's side that speaks of the action."""
        stacks = [subject.identity, *((subject.boundary,) if subject.boundary is not None else ())]
        if not subject.principal.service_linked:
            stacks += self.limits.scps(subject.account).stacks or ()
        for stack in stacks:
            spoken = stack.on(action)
            for _policy, statement in (*spoken.allows, *spoken.denies):
                yield statement

    def _over_resources(self, action: str, targets: Targets) -> Iterator[Statement]:
        """Every statement about the action in the control policies over the accounts of the targets."""
        if binds(action):
            for account in targets.by_account:
                for stack in self.limits.rcps(account).stacks or ():
                    spoken = stack.on(action)
                    for _policy, statement in (*spoken.allows, *spoken.denies):
                        yield statement

    def codes(
        self, subject: Subject, actions: Iterable[str], targets: Targets, places: Codes
    ) -> Codes:
        """A column of codes per place: places with equal columns are answered alike."""
        columns = [targets.signatures[places], self._spoken_of(subject, targets)[places]]
        patterns = {
            pattern: None
            for action in actions
            for statement in (
                *self.statements(subject, action),
                *self._over_resources(action, targets),
            )
            for pattern in (*statement.resources, *statement.not_resources)
        }
        for pattern in patterns:
            column = targets.vector(pattern)[places]
            if (column != column[0]).any():
                columns.append(column)
        return np.stack(columns)

    def _spoken_of(self, subject: Subject, targets: Targets) -> Codes:
        """Per target 0, or a code of its own where its resource policy speaks of the subject by name."""
        codes = np.zeros(len(targets), dtype=np.int64)
        prefix = session_prefix(subject.principal.arn)
        entries = {*self._entries(subject)}
        if prefix is not None:
            entries |= {entry for entry in targets.specific if entry.startswith(prefix)}
        for entry in entries:
            for place in targets.specific.get(entry, ()):
                codes[place] = place + 1
        return codes

    def alike(
        self,
        subject: Subject,
        asked: str | tuple[TechniqueNeed, ...],
        targets: Targets,
        places: Codes,
        *,
        extra: Sequence[Codes] = (),
    ) -> Iterator[Codes]:
        """The places in groups that are answered alike for an action, or for all actions of a technique.

        `extra` are further codes per place to keep apart by.
        """
        if not places.size:
            return
        actions = (asked,) if isinstance(asked, str) else _actions(asked)
        rows = np.concatenate(
            [self.codes(subject, actions, targets, places), *(codes[None, :] for codes in extra)]
        )
        numbers = _numbered(rows)
        order = np.argsort(numbers, kind="stable")
        bounds = np.flatnonzero(np.diff(numbers[order])) + 1
        for part in np.split(order, bounds):
            yield places[part]

    def policy(self, arn: str) -> Targets:
        """A managed policy as the only target of its kind."""
        key = ("policy", arn)
        if key not in self._targets:
            self._targets[key] = Targets.of_policy(self._estate, arn)
        return self._targets[key]

    def policies(
        self, subject: Subject, target: Target | None, action: str, account: str
    ) -> Policies:
        """Everything that bears on this subject's request on this target."""
        # The policies over a stranger's account are the stranger's own to choose.
        scps = (
            self.limits.scps(subject.account) if subject.kind in {"User", "Role"} else Levels(None)
        )
        rcps = self.limits.rcps(account)
        bound = binds(action)
        return Policies(
            identity=subject.identity,
            boundary=subject.boundary,
            scps=None if subject.principal.service_linked else scps.stacks,
            rcps=rcps.stacks if bound else None,
            resource=target.resource if target is not None else None,
            grants=target.grants if target is not None else (),
            assumptions=(*scps.assumptions, *(rcps.assumptions if bound else ())),
        )

    def request(
        self,
        subject: Subject,
        action: str,
        target: Target,
        form: Form,
        context: tuple[tuple[str, str], ...] = (),
        *,
        tags_open: bool = False,
        via: str | None = None,
    ) -> Request:
        """The question whether the subject may take this action on the target."""
        place = self.limits.place(target.account) if target.account else None
        return Request(
            principal=subject.principal,
            action=action,
            resource=target.question,
            now=self._now,
            resource_account=target.account or None,
            context={
                **({"aws:requestedregion": (target.region,)} if target.region else {}),
                **{key: (value,) for key, value in context},
            },
            form=form,
            excluding=target.excluding,
            resource_tags=None if tags_open else self._visible_tags(target),
            resource_organization=place.organization if place else None,
            resource_organization_paths=(place.path,) if place and place.path else None,
            resource_in_management=bool(place and place.management),
            via_service=via,
        )

    @staticmethod
    def _visible_tags(target: Target) -> dict[str, str] | None:
        """The tags that conditions see; those of buckets count only where a switch says so."""
        if target.node.kind == "Dataset":
            return {}
        return None if target.tags is None else dict(target.tags)

    def decide_at(
        self,
        subject: Subject,
        action: str,
        targets: Targets,
        place: int,
        context: tuple[tuple[str, str], ...] = (),
        *,
        tags_open: bool = False,
        via: str | None = None,
    ) -> Decision:
        """The answer for one target, with concrete Revocables."""
        key = (
            subject.id,
            action,
            targets,  # each is made once and kept: two managed policies are two of them
            place,
            context,
            tags_open,
            via,
            subject.alone,
        )
        if key not in self._decided:
            self._decided[key] = self._decide(
                subject, action, targets, place, context, tags_open=tags_open, via=via
            )
        return self._decided[key]

    def _decide(
        self,
        subject: Subject,
        action: str,
        targets: Targets,
        place: int,
        context: tuple[tuple[str, str], ...],
        *,
        tags_open: bool,
        via: str | None,
    ) -> Decision:
        target = targets.rows[place]
        form = Form.EVERY if targets.at in COVERING else Form.CONCRETE
        request = self.request(subject, action, target, form, context, tags_open=tags_open, via=via)
        unread = target.resource if targets.kind == "Key" and via is None else None
        if isinstance(unread, Unread):
            # It may name anyone. That is told where data hangs on it, not of everyone: by itself the key is asked
            # as if its policy left all to the account, which is usual.
            target = replace(target, resource=_left_to(target.account))
        answer = decide(request, self.policies(subject, target, action, target.account))
        if isinstance(unread, Unread) and answer.effect.granted:
            return conditional(answer, unread.reason)
        if answer.effect.granted and not target.account and targets.kind == "Dataset":
            return conditional(answer, f"owner and policy of {target.node.name} unread")
        if targets.kind != "Dataset":
            return answer
        bucket = self._estate.nodes.get(targets.bucket(target.node), target.node)
        return self.guarded(subject, target, answer, bucket)

    def guarded(
        self, subject: Subject, target: Target, answer: Decision, resource: Node
    ) -> Decision:
        """The answer behind the block of public access over this bucket or access point."""
        account = self._estate.nodes.get(NodeId(f"aws:account/{target.account}"))
        return behind_block(subject.account, target, answer, blocks=(resource, account))

    def as_public(self, subject: Subject, answer: Decision, how: str, node: NodeId) -> bool:
        """Whether the subject has this only because everyone has: a reach adds what Public holds once.

        Not where everyone has it less surely: what is open to a stranger may be known of the subject.
        """
        named = frozenset(map(str, answer.conditions))
        return (
            subject.kind != "Public"
            and any(
                sure <= answer.certainty and depends <= named
                for sure, depends in self.public.get((how, node), ())
            )
            and all(
                revocable.member == "*"
                for need in answer.because
                for alternative in need.alternatives
                for revocable in alternative.revocables
            )
        )

    @staticmethod
    def filled(subject: Subject, pattern: str) -> str:
        """The pattern of a kind's resources in the subject's own account."""
        return pattern.replace("{account}", subject.account).replace(
            "{partition}", partition_of(subject.principal.arn)
        )

    def some(
        self,
        subject: Subject,
        action: str,
        pattern: str,
        context: tuple[tuple[str, str], ...] = (),
    ) -> Decision:
        """Whether the subject may take the action on some resource of the pattern in its own account."""
        key = (subject.id, action, pattern, context, subject.alone)
        if key not in self._decided:
            request = Request(
                principal=subject.principal,
                action=action,
                resource=self.filled(subject, pattern),
                now=self._now,
                resource_account=subject.account,
                context={key: (value,) for key, value in context},
                form=Form.SOME,
                wildcard_only=pattern == "*" and wildcard_only(action),
            )
            self._decided[key] = decide_any(
                request, self.policies(subject, None, action, subject.account)
            )
        return self._decided[key]


def _numbered(rows: Codes) -> Codes:
    """A number per column, equal where columns are equal, in the order of the columns.

    Written in digits of as many values as each row has: comparing whole columns costs several times as much.
    """
    numbers = np.zeros(rows.shape[1], dtype=np.int64)
    top = 1
    for row in rows:
        low = int(row.min())
        width = int(row.max()) - low + 1
        if top * width >= _MOST:
            numbers = np.unique(numbers, return_inverse=True)[1]
            top = int(numbers.max()) + 1
        numbers = numbers * width + (row - low)
        top *= width
    return numbers


@cache
def _left_to(account: str) -> Sourced:
    """A key policy that leaves all to the account's own policies."""
    principal = f'"Principal":{{"AWS":"{account}"}}'
    text = f'{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{principal},"Action":"kms:*","Resource":"*"}}}}'
    return Sourced(parse(text), Origin(Layer.RESOURCE, "left to the account", ((),), None))


def _actions(needs: tuple[TechniqueNeed, ...]) -> tuple[str, ...]:
    """The actions that a technique asks on the target it ranges over."""
    parts = (part for need in needs for part in need.any)
    return tuple(
        part.action for part in parts if isinstance(part, Ask) and part.at not in {"new", "*"}
    )
