"""Bedrock completed over the whole estate: which model an id or profile stands for, and what logs and keys cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph.model import Edge, Node, NodeId, Row
from ingest.aws.asset import props, referenced
from ingest.aws.bedrock import (
    CUSTOM,
    DEPLOYMENT,
    FOUNDATION,
    IMPORTED,
    PROFILE,
    PROVISIONED,
    ROUTER,
)
from ingest.aws.encryption import Seal, Seals, sealed
from ingest.aws.names import Arn, account_of, partition_of
from ingest.aws.sagemaker_models import ENDPOINT
from ingest.estate import Estate, Keys
from ingest.source import Link, Mention, Oddity

FORMS = {
    "foundation-model": ("ModelVersion", FOUNDATION),
    "custom-model": ("ModelVersion", CUSTOM),
    "imported-model": ("ModelVersion", IMPORTED),
    "provisioned-model": ("Endpoint", PROVISIONED),
    "inference-profile": ("Endpoint", PROFILE),
    "application-inference-profile": ("Endpoint", PROFILE),
    "custom-model-deployment": ("Endpoint", DEPLOYMENT),
    "prompt-router": ("Endpoint", ROUTER),
    "default-prompt-router": ("Endpoint", ROUTER),
}
"""The kind and flavour of what the ARN of each form names."""

# What starts the id of a profile over several regions; a model's id starts with its provider.
# SOURCE: Bedrock user guide, "Supported Regions and models for inference profiles" (check: the list grows).
GEOGRAPHIES = frozenset({"us", "eu", "apac", "us-gov", "jp", "au", "ca", "global"})
SERVING = frozenset({PROVISIONED, PROFILE, DEPLOYMENT})


@dataclass(frozen=True, slots=True)
class Named:
    """What the name of a model stands for."""

    node: NodeId
    kind: str
    flavour: str

    @property
    def stub(self) -> Node:
        """The node as whoever names it knows it."""
        arn = Arn.parse(self.node)
        return referenced(
            self.node,
            self.kind,
            account=account_of(self.node),
            region=(arn.region or None) if arn else None,
            name=self.node.rpartition("/")[2],
            flavour=self.flavour,
        )


def named_by(subject: Node, name: str, estate: Estate) -> Named | None:
    """What a model id, profile id or ARN stands for, as this subject names it; None where nothing tells."""
    account, region = str(subject.props.get("account", "")), str(subject.props.get("region", ""))
    arn = Arn.parse(name)
    if arn is None:
        start = f"arn:{partition_of(region)}:bedrock:{region}:"
        head, dot, _ = name.partition(".")
        if not dot:
            return _by_id(f"{start}{account}:", name, estate)
        form = "inference-profile" if head in GEOGRAPHIES else "foundation-model"
        home = account if form == "inference-profile" else ""
        return Named(NodeId(f"{start}{home}:{form}/{name}"), *FORMS[form])
    form = arn.resource.partition("/")[0]
    if arn.service == "sagemaker" and form == "endpoint":
        return Named(NodeId(name), "Endpoint", ENDPOINT)
    return Named(NodeId(name), *FORMS[form]) if form in FORMS else None


def _by_id(start: str, name: str, estate: Estate) -> Named | None:
    """The one of these forms that the estate knows by this id."""
    for form, (kind, flavour) in FORMS.items():
        node = NodeId(f"{start}{form}/{name}")
        if node in estate.nodes:
            return Named(node, kind, flavour)
    return None


def bedrock(estate: Estate, seals: Seals) -> Iterator[Row | Oddity]:
    """What follows for Bedrock from the whole."""
    models = _Models(estate)
    yield from models.rows()
    yield from _logged(estate)
    yield from _keys(estate, seals)


class _Models:
    """Who answers with which model: by what it names, and through an endpoint that it names."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._offers: dict[NodeId, list[Mention]] = defaultdict(list)
        for mention in estate.mentions(Link.OFFERED):
            self._offers[mention.subject].append(mention)
        self._serves: dict[NodeId, set[NodeId]] = defaultdict(set)
        self._calls: dict[tuple[NodeId, NodeId], Keys] = defaultdict(frozenset)
        for edge in estate.edges:
            if edge.kind == "SERVES":
                self._serves[edge.source].add(NodeId(edge.target))
            elif edge.kind == "CALLS" and _kind(estate, edge.target) == "Endpoint":
                self._calls[edge.source, NodeId(edge.target)] |= edge.asserted_by

    def rows(self) -> Iterator[Row | Oddity]:
        """Models by name, then the vendor's profiles, then what agents answer with through those."""
        for mention in self._estate.mentions(Link.MODEL):
            yield from self._named(mention)
        yield from self._profiles()
        for (source, endpoint), keys in sorted(self._calls.items()):
            agent = self._estate.nodes.get(source)
            if agent is not None and agent.kind == "Agent":
                for model in sorted(self._serves.get(endpoint, ())):
                    yield Edge("SERVES", source, model, evidence=(endpoint,), asserted_by=keys)
        yield from self._offered()

    def _named(self, mention: Mention) -> Iterator[Row | Oddity]:
        subject = self._estate.nodes.get(mention.subject)
        if subject is None:
            return
        found = named_by(subject, mention.text, self._estate)
        if found is None:
            yield Oddity(f"`{subject.id}`", f"answers with `{mention.text}`, which nothing lists")
            return
        edge = self._edge(subject, found, mention)
        if edge is None:
            return  # its settings name the model
        yield _asserted(found.stub, mention.asserted_by)
        yield edge

    def _edge(self, subject: Node, found: Named, mention: Mention) -> Edge | None:
        evidence = (mention.props.get("why") or mention.text,)
        if found.kind == "ModelVersion" and subject.kind in {"Agent", "Endpoint"}:
            self._serves[subject.id].add(found.node)
            kind = "SERVES"
        elif found.kind == "Endpoint" and subject.kind in {"Agent", "Pipeline"}:
            self._calls[subject.id, found.node] |= mention.asserted_by
            kind = "CALLS"
        else:
            return None
        return Edge(
            kind, subject.id, found.node, evidence=evidence, asserted_by=mention.asserted_by
        )

    def _profiles(self) -> Iterator[Row]:
        """The vendor's profiles that something calls, with the models that they stand for."""
        for profile in sorted({endpoint for _, endpoint in self._calls}):
            for mention in self._offers.get(profile, ()):
                node = Named(profile, "Endpoint", PROFILE).stub
                held = dict(mention.props)
                yield Node(
                    profile,
                    "Endpoint",
                    props(
                        **{k: v for k, v in node.props.items() if k != "referenced_only"},
                        state=held.pop("state", None),
                        settings=held or None,
                    ),
                    asserted_by=mention.asserted_by,
                )
                for model in filter(None, mention.props.get("models", "").split(",")):
                    found = named_by(node, model, self._estate)
                    if found is not None and found.kind == "ModelVersion":
                        self._serves[profile].add(found.node)
                        yield _asserted(found.stub, mention.asserted_by)
                        yield Edge("SERVES", profile, found.node, asserted_by=mention.asserted_by)

    def _offered(self) -> Iterator[Row]:
        """What the region's list says of the vendor's models that something answers with."""
        for model in sorted({model for models in self._serves.values() for model in models}):
            for mention in self._offers.get(model, ()):
                stub = Named(model, "ModelVersion", FOUNDATION).stub
                values = {k: v for k, v in stub.props.items() if k != "referenced_only"}
                yield Node(
                    model,
                    "ModelVersion",
                    props(**values, settings=dict(mention.props) or None),
                    asserted_by=mention.asserted_by,
                )


def _kind(estate: Estate, node: str) -> str | None:
    found = estate.nodes.get(NodeId(node))
    return found.kind if found is not None else None


def _asserted(node: Node, keys: Keys) -> Node:
    return Node(node.id, node.kind, node.props, asserted_by=keys)


def _logged(estate: Estate) -> Iterator[Row]:
    """Whether use of what Bedrock serves is logged, by the log of its account and region."""
    logs = {
        (mention.subject, mention.props.get("region", "")): mention
        for mention in estate.mentions(Link.MODEL_LOG)
    }
    for node in estate.of_kind("Endpoint"):
        if node.props.get("flavour") not in SERVING or node.props.get("referenced_only"):
            continue
        place = (
            NodeId(f"aws:account/{node.props.get('account')}"),
            str(node.props.get("region", "")),
        )
        if (mention := logs.get(place)) is not None:
            yield Node(
                node.id,
                "Endpoint",
                {"logging": mention.text == "on"},
                asserted_by=mention.asserted_by,
            )


def _keys(estate: Estate, seals: Seals) -> Iterator[Row]:
    """The keys of knowledge bases: each of their sources has one, and the base is the customer's where all are."""
    sources: dict[NodeId, list[Mention]] = defaultdict(list)
    for mention in estate.mentions(Link.SOURCE_KEY):
        sources[mention.subject].append(mention)
    for identifier, mentions in sorted(sources.items()):
        node = estate.nodes.get(identifier)
        if node is None:
            continue
        found = [
            seals.named(node, mention.text) if mention.text else Seal(None, cmk=False)
            for mention in mentions
        ]
        kinds = {seal.cmk for seal in found}
        sure = False if False in kinds else None if None in kinds else True
        for mention, seal in zip(mentions, found, strict=True):
            yield from sealed(node, replace(seal, cmk=sure), mention.asserted_by)
