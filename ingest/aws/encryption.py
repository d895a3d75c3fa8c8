"""Which key encrypts what: ids, ARNs and aliases that resources name, resolved to keys of the estate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph.model import Edge, Node, NodeId, Row
from ingest.aws.asset import props, referenced
from ingest.aws.kms import VENDOR_ALIAS, key_node
from ingest.aws.names import Arn, partition_of
from ingest.estate import Estate, Keys
from ingest.source import Link, Oddity


@dataclass(frozen=True, slots=True)
class Seal:
    """How something is encrypted: the key, and whether it is known to be the customer's.

    Without `key` the vendor's own key is used, which whoever may read the resource may use.
    """

    key: NodeId | None
    cmk: bool | None
    stub: Node | None = None
    keys: Keys = frozenset()  # the calls that say so


class Seals:
    """The keys of the estate by all their names, and what they encrypt."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._aliases: dict[tuple[str, str, str], Node] = {}
        for node in estate.of_kind("Key"):
            aliases = node.props.get("aliases")
            place = (str(node.props.get("account", "")), str(node.props.get("region", "")))
            for alias in aliases if isinstance(aliases, tuple) else ():
                self._aliases[*place, alias] = node

    def of(self, name: str, *, account: str, region: str) -> Seal:
        """The seal that this key id, ARN or alias makes on a resource of that account and region."""
        arn, home = Arn.parse(name), account
        if arn is not None:
            account, region = arn.account or account, arn.region or region
        alias = arn.resource if arn is not None else name
        if alias.startswith("alias/"):
            return self._by_alias(alias, account, region)
        identifier = key_node(name, account=account, region=region)
        node = self._estate.nodes.get(identifier)
        manager = node.props.get("manager") if node is not None else None
        if manager == "vendor":
            return Seal(None, cmk=False)
        stub = referenced(identifier, "Key", account=account, region=region)
        # The vendor's keys serve their own account only: one of another account is a customer's.
        customer = manager == "customer" or account != home
        return Seal(identifier, cmk=True if customer else None, stub=stub)

    def _by_alias(self, alias: str, account: str, region: str) -> Seal:
        if alias.startswith(VENDOR_ALIAS):
            return Seal(None, cmk=False)
        node = self._aliases.get((account, region, alias))
        if node is not None:
            return self.of(node.id, account=account, region=region)
        unread = f"arn:{partition_of(region)}:kms:{region}:{account}:{alias}"
        # Its key is unknown: the alias stands in, as a key whose policy nobody read.
        stub = referenced(unread, "Key", account=account, region=region, name=alias)
        return Seal(NodeId(unread), cmk=None, stub=stub)

    def named(self, subject: Node, name: str) -> Seal:
        """The seal on this node."""
        return self.of(
            name,
            account=str(subject.props.get("account", "")),
            region=str(subject.props.get("region", "")),
        )

    def on_buckets(self) -> dict[NodeId, Seal]:
        """The seal of every dataset that has one: from this run's answers, else as it stood."""
        found: dict[NodeId, Seal] = {}
        for edge in self._estate.edges:
            source = self._estate.nodes.get(edge.source)
            if edge.kind == "ENCRYPTED_BY" and source is not None and source.kind == "Dataset":
                cmk = source.props.get("cmk")
                held = cmk if isinstance(cmk, bool) else None
                found[edge.source] = Seal(edge.target, held, keys=edge.asserted_by)
        for mention in self._estate.mentions(Link.KEY):
            subject = self._estate.nodes.get(mention.subject)
            if subject is not None and subject.kind == "Dataset":
                seal = self.named(subject, mention.text)
                found[subject.id] = Seal(seal.key, seal.cmk, seal.stub, mention.asserted_by)
        return found


def sealed(subject: Node, seal: Seal, keys: Keys) -> Iterator[Row]:
    """The rows that say how the node is encrypted, asserted by these calls."""
    values = props(cmk=seal.cmk, key=seal.key if subject.kind == "Dataset" else None)
    yield Node(subject.id, subject.kind, values, asserted_by=keys)
    if seal.key is None:
        return
    if seal.stub is not None:
        yield Node(seal.stub.id, "Key", seal.stub.props, asserted_by=keys)
    yield Edge("ENCRYPTED_BY", subject.id, seal.key, asserted_by=keys)


def encrypted(estate: Estate, seals: Seals) -> Iterator[Row | Oddity]:
    """What this run's answers say of keys, with the keys found."""
    for mention in estate.mentions(Link.KEY):
        subject = estate.nodes.get(mention.subject)
        if subject is None:
            yield Oddity(f"`{mention.subject}`", "its key was read, but nothing lists it")
            continue
        seal = seals.named(subject, mention.text)
        if seal.stub is not None and ":alias/" in seal.stub.id:
            yield Oddity(f"`{mention.subject}`", f"names key `{mention.text}`, which was not read")
        if mention.props.get("cmk") == "false":  # another part of it is under the vendor's key
            seal = replace(seal, cmk=False)
        yield from sealed(subject, seal, mention.asserted_by)
