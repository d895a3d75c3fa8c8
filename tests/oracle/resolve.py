"""The slow twin of resolving direct access: each identity, action and asset asked of the evaluator by itself.

No classes, sets, signatures, candidates or lifting: policies are gathered anew for every question. What stands for
what is read from the shipped rows; the evaluator itself has a twin of its own (`oracle.aws_policy`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from access.aws.decide import decide, decide_both
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
# Of the conditions that the drawn estates hold, those that keep a policy for everyone from counting as public.
NARROWING = {
    "aws:SourceIp",
    "aws:PrincipalOrgID",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "s3:DataAccessPointAccount",
}
POINT = "s3-access-point"
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
            open_kind = self.rows.kinds[row.form].resource_policy
            if asker.id == INTERNET and row.kind != "Dataset":
                continue
            if asker.id == ANY_ACCOUNT and not open_kind:
                continue
            for node in self._targets(row.kind):
                if not fnmatchcase(str(node.id), self._pattern(row)):
                    continue
                certainty = None if node.id == asker.id else self._row(asker, row, node)
                through = self._through(asker, row, node)
                if through is not None:
                    yield (row.capability, POINT, node.id), through
                if certainty is not None:
                    sure = certainty if row.status != "D" else Certainty.POSSIBLE
                    yield (row.capability, row.action, node.id), sure
        if asker.id != INTERNET:
            for node in self._targets("Role"):
                if node.id != asker.id:
                    certainty = self._ask(asker, "sts:AssumeRole", node, str(node.id))
                    if certainty is not None:
                        yield (Capability.CONTROL, "trust", node.id), certainty

    def _pattern(self, row: CapabilityRow) -> str:
        """The ids of the row's form, as a shell would match them."""
        return self.rows.kinds[row.form].arn.format(partition="*", account="*")

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
        others = [
            str(other.id)
            for other in self._targets("Dataset")
            if other.id != node.id and ":s3:::" in other.id
        ]
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
            grants=tuple(self._grants(holder)),
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

    def _grants(self, key: Node) -> Iterator[Policy]:
        """The key's grants, each as a statement that its grantee may use it."""
        for row in self._rows(key.id, Role.GRANT):
            content = self.estate.content(row)
            told = json.loads(content.text) if content else {}
            statement = {
                "Effect": "Allow",
                "Principal": {"AWS": told["GranteePrincipal"]},
                "Action": ["kms:" + operation for operation in told["Operations"]],
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        f"{kind}:{name}": value
                        for kind, pairs in told["Constraints"].items()
                        for name, value in pairs.items()
                    }
                },
            }
            if not statement["Condition"]["StringEquals"]:  # type: ignore[index]  # a map
                del statement["Condition"]
            text = json.dumps({"Version": "2012-10-17", "Statement": statement})
            yield Sourced(parse(text), Origin(Layer.RESOURCE, f"{key.id} grant"))

    # Access points.

    def _through(self, asker: Asker, row: CapabilityRow, node: Node) -> Certainty | None:
        """The surest way to the dataset through an access point of its bucket."""
        if row.form != "Dataset" or row.at != "objects" or asker.id in {INTERNET, ANY_ACCOUNT}:
            return None
        bucket = str(node.id).partition("/")[0]
        ways = [
            self._by_point(asker, row, node, point)
            for point in self._targets("Dataset")
            if ":accesspoint/" in point.id
            and dict(point.props["settings"])["bucket"] == bucket.rpartition(":")[2]  # type: ignore[call-overload]  # a map
        ]
        return min((way for way in ways if way is not None), default=None)

    def _by_point(
        self, asker: Asker, row: CapabilityRow, node: Node, point: Node
    ) -> Certainty | None:
        bucket = str(node.id).partition("/")[0]
        holder = self.estate.nodes[NodeId(bucket)]
        question, inside = self._objects(node)
        account, owner = str(point.props["account"]), str(holder.props["account"])
        settings = dict(point.props["settings"])  # type: ignore[call-overload]  # a map
        carried = {
            "s3:dataaccesspointarn": (str(point.id),),
            "s3:dataaccesspointaccount": (account,),
            "s3:accesspointnetworkorigin": (settings["network_origin"],),
        }

        def asked(pattern: str, without: tuple[str, ...], of: Node) -> Request:
            return Request(
                principal=asker.principal,
                action=row.action,
                resource=pattern,
                now=self.instant,
                resource_account=str(of.props["account"]),
                context={"aws:requestedregion": (str(of.props["region"]),), **carried},
                form=Form.EVERY,
                excluding=without,
                resource_tags={},
                resource_organization=self.limits.place(str(of.props["account"])).organization,
                resource_organization_paths=None,
            )

        def below(pattern: str) -> str:
            return f"{point.id}/object" + pattern[len(bucket) :]

        at_point = decide(
            asked(below(question), tuple(map(below, inside)), point),
            Policies(
                identity=asker.identity,
                boundary=asker.boundary,
                scps=asker.scps,
                rcps=self.limits.rcps(account).stacks,
                resource=self._resource(point, account),
            ),
        )
        behind = asked(question, inside, holder)
        theirs = Policies(
            identity=(*asker.identity, Sourced(parse(ALL), Origin(Layer.IDENTITY, "handed on"))),
            rcps=self.limits.rcps(owner).stacks,
            resource=self._resource(holder, owner),
        )
        permits = [decide_both(behind, theirs)]
        if asker.account == owner:
            permits.append(
                decide(
                    behind,
                    replace(
                        theirs,
                        identity=asker.identity,
                        boundary=asker.boundary,
                        scps=asker.scps,
                    ),
                )
            )
        permitted = [answer.certainty for answer in permits if answer.effect.granted]
        if not at_point.effect.granted or not permitted:
            return None
        sures = [at_point.certainty, min(permitted), self._key(asker, row.key, node)]
        for one, its in ((point, account), (holder, owner)):
            blocked = self._blocked(asker, one, its, self._resource(one, its))
            sures.append(
                Certainty.CONDITIONAL
                if blocked is None
                else None
                if blocked
                else Certainty.DEFINITE
            )
        if settings["network_origin"] != "Internet":
            sures.append(Certainty.CONDITIONAL)
        known = [sure for sure in sures if sure is not None]
        return max(known) if len(known) == len(sures) else None

    def _resource(self, holder: Node, account: str) -> Policy | None:
        role = Role.TRUST if holder.kind == "Role" else Role.RESOURCE
        rows = self._rows(holder.id, role)
        if rows:
            return self._policy(rows[0], Layer.RESOURCE)
        form = "Dataset/access-point" if ":accesspoint/" in holder.id else holder.kind
        call = self.rows.kinds[form].resource_policy if form in self.rows.kinds else ""
        if not call:
            return None
        region = "global" if ":s3:::" in holder.id else str(holder.props["region"])
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
            and not any(
                key in NARROWING
                for clauses in statement.get("Condition", {}).values()
                for key in clauses
            )
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
