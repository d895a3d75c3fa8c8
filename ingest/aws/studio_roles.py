"""Studio defaults: as whom a profile or space works and what it runs where it does not say so itself; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graph.model import Basis, Certainty, Edge, Node, NodeId, Row
from ingest.aws.asset import props, referenced
from ingest.aws.names import Arn, account_of
from ingest.aws.studio import PROFILE, SPACE
from ingest.aws.studio_code import script_stub
from ingest.aws.studio_settings import APPS, OFFERED, SCRIPT, SPACES, USER
from ingest.estate import Estate, Keys
from ingest.owners import Users
from ingest.source import Link

DESCRIBES = {
    "Workspace": "sagemaker.describe_domain",
    PROFILE: "sagemaker.describe_user_profile",
    SPACE: "sagemaker.describe_space",
}
"""The call that tells the settings of each."""

CHOSEN = "whoever starts the app chooses the script"


def settings_of(node: Node) -> Mapping[str, str]:
    """The settings of a node; none where it has none."""
    held = node.props.get("settings")
    return held if isinstance(held, Mapping) else {}


def _keys(node: Node) -> Keys:
    """The description of the node, which is what says what it sets."""
    flavour = str(node.props.get("flavour", ""))
    wanted = DESCRIBES.get(node.kind) or DESCRIBES.get(flavour)
    return frozenset(key for key in node.asserted_by if key.operation == wanted)


@dataclass(frozen=True, slots=True)
class Source:
    """Where settings come from: the node that sets them, and what their names start with there."""

    node: Node
    prefix: str = ""

    def get(self, name: str) -> str:
        """The setting; empty where it is not set."""
        return settings_of(self.node).get(f"{self.prefix}{name}", "")


def _home(node: Node) -> tuple[str, str]:
    """What ARNs of the same account and region start with, and the id of the domain; empty where it has none."""
    arn = Arn.parse(str(node.id))
    if arn is None:
        return "", ""
    start = f"arn:{arn.partition}:{arn.service}:{arn.region}:{arn.account}"
    form, domain, *_ = [*arn.resource.split("/"), ""]
    return start, domain if form in {"user-profile", "space"} else ""


class _Studio:
    """The domains, profiles and spaces of the estate, by their ARNs."""

    def __init__(self, estate: Estate) -> None:
        self._nodes = {
            str(node.id).lower(): node
            for node in estate.of_kind("Workspace", "Notebook")
            if not node.props.get("referenced_only")
        }

    def of_flavour(self, *flavours: str) -> Iterator[Node]:
        """Profiles or spaces."""
        yield from (node for node in self._nodes.values() if node.props.get("flavour") in flavours)

    def domain(self, node: Node) -> Node | None:
        """The domain that a profile or space belongs to, by its ARN."""
        start, domain = _home(node)
        return self._nodes.get(f"{start}:domain/{domain}".lower()) if domain else None

    def owner(self, space: Node) -> Node | None:
        """The profile that owns a space, by the name that the space gives."""
        name = settings_of(space).get("owner_profile")
        start, domain = _home(space)
        wanted = f"{start}:user-profile/{domain}/{name}".lower()
        return self._nodes.get(wanted) if name and domain else None

    def sources(self, node: Node) -> list[Source]:
        """What decides for a profile or space, the nearest first.

        # SOURCE: botocore 1.44.8, UserSettings.ExecutionRole and DefaultSpaceSettings: a user's settings apply to
        # private spaces only, a domain's settings for spaces to shared ones only.
        """
        domain = self.domain(node)
        if node.props.get("flavour") == PROFILE:
            read = bool(_keys(node))  # unread, it may set anything, and nothing falls back
            return [Source(node), *([Source(domain, USER)] if domain is not None and read else [])]
        sharing, own = settings_of(node).get("sharing"), Source(node)
        if sharing == "Private":
            owner = self.owner(node)
            return [own, *(self.sources(owner) if owner is not None else [])]
        if sharing == "Shared" and domain is not None:
            return [own, Source(domain, SPACES)]
        return [own]


def studio(estate: Estate) -> Iterator[Row]:
    """Roles, scripts, networks and owners of profiles and spaces that follow from their domain or owner."""
    held, users = _Studio(estate), Users(estate)
    for node in held.of_flavour(PROFILE, SPACE):
        sources = held.sources(node)
        yield from _role(node, sources)
        yield from _scripts(node, sources)
        yield from _network(node, held.domain(node))
        owner = held.owner(node) if node.props.get("flavour") == SPACE else node
        yield from _owner(node, owner, users)


def _role(node: Node, sources: list[Source]) -> Iterator[Row]:
    """As whom it works: what the nearest that names a role says. A profile's own role is told by its own answer."""
    for source in sources:
        role, keys = source.get("execution_role"), _keys(source.node)
        if not role or (not source.prefix and source.get("role_from") == "domain"):
            continue
        if source.node.id != node.id and keys:
            stub = referenced(role, "Role", account=account_of(role))
            yield Node(stub.id, "Role", stub.props, asserted_by=keys)
            yield Edge(
                "RUNS_AS",
                node.id,
                NodeId(role),
                evidence=(f"execution role of {source.node.name}",),
                asserted_by=keys,
            )
        return


def _scripts(node: Node, sources: list[Source]) -> Iterator[Row]:
    """What its apps run when they start: per type of app, what the nearest that names a script says."""
    if not _keys(node):
        return  # unread, it may name scripts of its own
    only = settings_of(node).get("app_type")
    for app in APPS:
        if only and app != only:
            continue
        started = _named(sources, f"{SCRIPT}{app}")
        for script, source in started.items():
            yield from _executes(node, source, script, f"{SCRIPT}{app}")
        for script, source in _named(sources, f"{OFFERED}{app}").items():
            if script not in started:
                yield from _executes(node, source, script, f"{OFFERED}{app}")


def _named(sources: list[Source], name: str) -> dict[str, Source]:
    """The scripts that the nearest source with such a setting names."""
    source = next((one for one in sources if one.get(name)), None)
    return {} if source is None else dict.fromkeys(source.get(name).split(","), source)


def _executes(node: Node, source: Source, script: str, name: str) -> Iterator[Row]:
    keys, offered = _keys(source.node), name.startswith(OFFERED)
    if not keys:
        return
    stub = script_stub(script)
    yield Node(stub.id, "Code", stub.props, asserted_by=keys)
    yield Edge(
        "EXECUTES",
        node.id,
        stub.id,
        certainty=Certainty.POSSIBLE if offered else Certainty.DEFINITE,
        conditions=(CHOSEN,) if offered else (),
        evidence=(f"{name} of {source.node.name}",),
        asserted_by=keys,
    )


def _network(node: Node, domain: Node | None) -> Iterator[Row]:
    """Its traffic goes where its domain's goes."""
    if domain is None or not (keys := _keys(domain)):
        return
    values = {
        name: domain.props[name]
        for name in ("private_only", "internet_reachable")
        if name in domain.props
    }
    if values:
        yield Node(node.id, node.kind, props(**values), asserted_by=keys)


def _owner(node: Node, profile: Node | None, users: Users) -> Iterator[Row]:
    """The profile behind a space, and the user who signs on to the profile."""
    if profile is None:
        return
    keys = _keys(node)
    if profile.id != node.id and keys:
        yield Edge("MANAGED_BY", node.id, profile.id, asserted_by=keys)
    name, told = settings_of(profile).get("sso_value"), _keys(profile)
    for user in users.named(name, node) if name and told else ():
        yield Edge(
            "OWNED_BY",
            node.id,
            user.id,
            basis=Basis.INFERRED,
            evidence=(f"single sign-on name `{name}`",),
            asserted_by=told,
        )


def used(estate: Estate) -> Iterator[Row]:
    """When something that several answers speak of was last used: the latest of the times they tell."""
    times: dict[NodeId, str] = {}
    keys: dict[NodeId, Keys] = defaultdict(frozenset)
    for mention in estate.mentions(Link.LAST_USED):
        times[mention.subject] = max(times.get(mention.subject, ""), mention.text)
        keys[mention.subject] |= mention.asserted_by
    for subject, time in sorted(times.items()):
        node = estate.nodes.get(subject)
        if node is not None:
            yield Node(subject, node.kind, {"last_active": time}, asserted_by=keys[subject])
