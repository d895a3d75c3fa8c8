"""The slow twin of resolving direct access: each identity, action and asset asked of the evaluator by itself.

No classes, sets, signatures, candidates or lifting: policies are gathered anew for every question. What stands for
what is read from the shipped rows; the evaluator itself has a twin of its own (`oracle.aws_policy`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from access.aws.decide import decide
from access.aws.document import parse
from access.aws.limits import Limits
from access.aws.policies import Origin, Policies, Policy, Sourced, Unread
from access.aws.predicates import Predicates, encryption
from access.aws.principals import Principal, PrincipalKind
from access.aws.rcp import binds
from access.aws.request import Form, Request
from access.decision import Layer
from access.estate import Estate, Reading
from access.technique import CapabilityRow, catalogue
from graph.model import Attachment, Capability, Certainty, CoverageKey, Facts, Node, NodeId, Role

Effect: TypeAlias = tuple[Capability, str, NodeId]  # capability, how, target
INTERNET, ANY_ACCOUNT = NodeId("public:internet"), NodeId("public:aws")
LEFT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"kms:*","Resource":"*"}}'
ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


@dataclass(frozen=True, slots=True)
class Asker:
    """One principal with everything that its own side says."""

    id: NodeId
    principal: Principal
    account: str
    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None
    scps: tuple[tuple[Policy, ...], ...] | None


class Naive:
    """Asks one question at a time."""

    def __init__(self, facts: Facts, instant: Any) -> None:
        self.estate = Estate(facts, instant=instant)
        self.instant = instant
        self.rows = catalogue("aws")
        self.predicates = Predicates(self.estate)
        self.limits = Limits(self.estate)

    def held(self) -> dict[NodeId, dict[Effect, Certainty]]:
        """What each identity, and the public, holds by one action or by being trusted."""
        found: dict[NodeId, dict[Effect, Certainty]] = defaultdict(dict)
        for asker in self.askers():
            for effect, certainty in self.of(asker):
                known = found[asker.id].get(effect, certainty)
                found[asker.id][effect] = min(known, certainty)
        return found

    # Who asks.

    def askers(self) -> Iterator[Asker]:
        yield Asker(INTERNET, Principal(PrincipalKind.ANONYMOUS, "*"), "", (), None, None)
        any_account = Principal(
            PrincipalKind.ACCOUNT, "arn:aws:iam::000000000000:root", account="000000000000"
        )
        everything = Sourced(parse(ALL), Origin(Layer.IDENTITY, "own"))
        yield Asker(ANY_ACCOUNT, any_account, "000000000000", (everything,), None, None)
        for node in self.estate.facts.nodes:
            if node.kind in {"User", "Role"} and node.present:
                yield self._asker(node)

    def _asker(self, node: Node) -> Asker:
        account = str(node.props["account"])
        place = self.limits.place(account)
        tags = node.props.get("tags")
        principal = Principal(
            PrincipalKind.ROLE if node.kind == "Role" else PrincipalKind.USER,
            str(node.id),
            account=account,
            role_arn=str(node.id) if node.kind == "Role" else None,
            name=node.name,
            tags=dict(tags) if isinstance(tags, Mapping) else None,
            organization=place.organization,
            organization_paths=None if place.path is None else (place.path,),
            management=place.management,
            chooses_session_name=not any(
                edge.kind == "RUNS_AS" and edge.target == node.id
                for edge in self.estate.facts.edges
            ),
        )
        holders = [node.id]
        for holder in holders:
            holders += [
                edge.target
                for edge in self.estate.facts.edges
                if edge.kind == "MEMBER_OF" and edge.source == holder and edge.target not in holders
            ]
        identity = [
            self._policy(row, Layer.IDENTITY, may_allow=False)
            for holder in holders
            for row in self._rows(holder, Role.IDENTITY)
        ]
        boundary = [self._policy(row, Layer.BOUNDARY) for row in self._rows(node.id, Role.BOUNDARY)]
        scps = self.limits.scps(account).stacks
        return Asker(node.id, principal, account, tuple(identity), tuple(boundary) or None, scps)

    def _rows(self, holder: NodeId, role: Role) -> list[Attachment]:
        return [
            row for row in self.estate.facts.attachments if (row.holder, row.role) == (holder, role)
        ]

    def _policy(self, row: Attachment, layer: Layer, *, may_allow: bool = True) -> Policy:
        content = self.estate.content(row)
        origin = Origin(layer, row.policy or f"{row.holder}/{row.name}")
        if content is None:
            return Unread("unread", origin, may_allow=may_allow)
        return Sourced(parse(content.text), origin)

    # What is asked.

    def of(self, asker: Asker) -> Iterator[tuple[Effect, Certainty]]:
        for row in self.rows.capabilities:
            open_kind = self.rows.kinds[row.kind].resource_policy
            if asker.id == INTERNET and row.kind != "Dataset":
                continue
            if asker.id == ANY_ACCOUNT and not open_kind:
                continue
            for node in self._targets(row.kind):
                certainty = None if node.id == asker.id else self._row(asker, row, node)
                if certainty is not None:
                    sure = certainty if row.status != "D" else Certainty.POSSIBLE
                    yield (row.capability, row.action, node.id), sure
        if asker.id != INTERNET:
            for node in self._targets("Role"):
                if node.id != asker.id:
                    certainty = self._ask(asker, "sts:AssumeRole", node, str(node.id))
                    if certainty is not None:
                        yield (Capability.CONTROL, "trust", node.id), certainty

    def _targets(self, kind: str) -> Iterator[Node]:
        for node in self.estate.facts.nodes:
            if node.kind == kind and node.present and node.id.startswith("arn:"):
                yield node

    def _row(self, asker: Asker, row: CapabilityRow, node: Node) -> Certainty | None:
        if row.flavour and node.props.get("flavour") != row.flavour:
            return None
        inside: tuple[str, ...] = ()
        question = str(node.id)
        if row.at == "objects":
            question, inside = self._objects(node)
        elif row.at == "bucket":
            question = question.partition("/")[0]
        answers = [self._ask(asker, row.action, node, question, inside)]
        if row.key:
            answers.append(self._key(asker, row.key, node))
        answers += [self._truth(asker, predicate, node) for predicate in row.when]
        known = [answer for answer in answers if answer is not None]
        return max(known) if len(known) == len(answers) else None

    def _truth(self, asker: Asker, predicate: Any, node: Node) -> Certainty | None:
        del asker
        truth = self.predicates.holds(predicate, node.id)
        if truth is None:
            return Certainty.CONDITIONAL
        return Certainty.DEFINITE if truth else None

    def _objects(self, node: Node) -> tuple[str, tuple[str, ...]]:
        """All objects of the dataset, and the named datasets within it."""
        own = str(node.id) if node.id.endswith("/") else f"{node.id}/"
        others = [str(other.id) for other in self._targets("Dataset") if other.id != node.id]
        return f"{own}*", tuple(f"{other}*" for other in others if other.startswith(own))

    def _key(self, asker: Asker, action: str, node: Node) -> Certainty | None:
        keys = encryption(self.estate, node.id)
        if keys is None:
            return Certainty.CONDITIONAL
        if not keys:
            return Certainty.DEFINITE
        key = self.estate.nodes[keys[0]]
        if key.props.get("state") not in {"Enabled", None}:
            return None
        return self._ask(asker, action, key, str(key.id), via="s3")

    # One question.

    def _ask(  # noqa: PLR0917  # one question, spelt out
        self,
        asker: Asker,
        action: str,
        node: Node,
        question: str,
        excluding: tuple[str, ...] = (),
        via: str | None = None,
    ) -> Certainty | None:
        holder = self.estate.nodes.get(NodeId(question.partition("/")[0]), node)
        holder = node if node.kind != "Dataset" else holder
        account = str(holder.props["account"])
        place = self.limits.place(account)
        tags = node.props.get("tags") if node.kind != "Dataset" else {}
        request = Request(
            principal=asker.principal,
            action=action,
            resource=question,
            now=self.instant,
            resource_account=account,
            context={"aws:requestedregion": (str(holder.props["region"]),)}
            if holder.props.get("region")
            else {},
            form=Form.EVERY if question.endswith("*") else Form.CONCRETE,
            excluding=excluding,
            resource_tags=dict(tags) if isinstance(tags, Mapping) else None,
            resource_organization=place.organization,
            resource_organization_paths=(place.path,) if place.path else None,
            resource_in_management=place.management,
            via_service=via,
        )
        rcps = self.limits.rcps(account).stacks if binds(action) else None
        resource = self._resource(holder, account)
        by_itself = holder.kind == "Key" and via is None and isinstance(resource, Unread)
        if by_itself:
            resource = Sourced(parse(LEFT % account), Origin(Layer.RESOURCE, "left to the account"))
        policies = Policies(
            identity=asker.identity,
            boundary=asker.boundary,
            scps=asker.scps,
            rcps=rcps,
            resource=resource,
        )
        answer = decide(request, policies)
        if not answer.effect.granted:
            return None
        if by_itself:
            return Certainty.CONDITIONAL
        blocked = self._blocked(asker, holder, account, resource)
        if blocked is None:
            return Certainty.CONDITIONAL
        return None if blocked else answer.certainty

    def _resource(self, holder: Node, account: str) -> Policy | None:
        role = Role.TRUST if holder.kind == "Role" else Role.RESOURCE
        rows = self._rows(holder.id, role)
        if rows:
            return self._policy(rows[0], Layer.RESOURCE)
        call = (
            self.rows.kinds[holder.kind].resource_policy if holder.kind in self.rows.kinds else ""
        )
        if not call:
            return None
        region = "global" if holder.kind == "Dataset" else str(holder.props["region"])
        key = CoverageKey("aws", account, region, f"{call}/{holder.name}")
        if self.estate.reading(key) is not Reading.NEVER:
            return None
        origin = Origin(Layer.RESOURCE, str(holder.id))
        return Unread("unread", origin, may_allow=holder.kind == "Key")

    def _blocked(
        self, asker: Asker, holder: Node, account: str, resource: Policy | None
    ) -> bool | None:
        """Whether the block of public access keeps the asker out; None where it is unread."""
        if holder.kind != "Dataset" or asker.account == account or resource is None:
            return False
        text = next(
            (row.text for row in self.estate.facts.documents if self._is(row.hash, holder)), "{}"
        )
        statements = json.loads(text).get("Statement", [])
        open_to_all = any(
            statement["Effect"] == "Allow"
            and not statement.get("Condition")
            and ("NotPrincipal" in statement or statement.get("Principal") in ("*", {"AWS": "*"}))
            for statement in statements
        )
        if not open_to_all:
            return False
        own = holder.props.get("block_public")
        settings = self.estate.nodes[NodeId(f"aws:account/{account}")].props.get("settings")
        wide = settings.get("block_public") if isinstance(settings, Mapping) else None
        if "RestrictPublicBuckets" in (wide or "") or "RestrictPublicBuckets" in (own or ()):  # type: ignore[operator]  # a tuple
            return True
        return None if own is None or wide is None else False

    def _is(self, document: str, holder: Node) -> bool:
        return any(row.document == document for row in self._rows(holder.id, Role.RESOURCE))


def with_public(
    held: Mapping[NodeId, Mapping[Effect, Certainty]],
) -> dict[NodeId, dict[Effect, Certainty]]:
    """The same, each with what everyone holds."""
    everyone: dict[Effect, Certainty] = {}
    for name in (INTERNET, ANY_ACCOUNT):
        for effect, certainty in held.get(name, {}).items():
            everyone[effect] = min(certainty, everyone.get(effect, certainty))
    return {
        name: {
            effect: min(
                sure for sure in (effects.get(effect), everyone.get(effect)) if sure is not None
            )
            for effect in {*effects, *everyone}
        }
        for name, effects in held.items()
    }
