"""Completing what single answers left open: each step is a pure function over the whole estate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graph.merge import united
from graph.model import CoverageKey, Document, Edge, Node, NodeId, Observation, Row
from ingest.aws.analyzers import found
from ingest.aws.associations import associated
from ingest.aws.bedrock_links import bedrock
from ingest.aws.containers import tasks
from ingest.aws.control_policies import control_policies
from ingest.aws.creators import created
from ingest.aws.credential_report import reported
from ingest.aws.encryption import Seals, encrypted
from ingest.aws.images import images
from ingest.aws.instances import profiled
from ingest.aws.macie import classified
from ingest.aws.registered import registered
from ingest.aws.reserved_roles import reserved_roles
from ingest.aws.s3_flows import notified
from ingest.aws.serving import served
from ingest.aws.stacks import managed
from ingest.aws.started import started, transformed
from ingest.aws.studio_roles import studio, used
from ingest.aws.use import observed
from ingest.estate import Estate
from ingest.lineage import trained
from ingest.locations import Locations
from ingest.owners import owned
from ingest.people import people
from ingest.records import REGISTRY, recorded
from ingest.source import Mention, Oddity, Shaped, Skipped, Tally


def linked(rows: Iterable[Shaped], estate: Estate) -> tuple[Row | Oddity, ...]:
    """All rows to write: what the answers said and what follows from it, one fragment per node and call."""
    said = [row for row in rows if not isinstance(row, Mention | Skipped | Tally | Observation)]
    use = [row for row in rows if isinstance(row, Observation)]
    made = tuple(_fragments([*said, *observed(use), *_links(estate)], estate))
    nodes = {row.id for row in made if isinstance(row, Node)} | estate.nodes.keys()
    return tuple(_placed(made, nodes | estate.known))


def _placed(rows: Iterable[Row | Oddity], nodes: set[NodeId]) -> Iterator[Row | Oddity]:
    """The rows that have a place; what is said of something that no answer lists, since its own was lost, is told."""
    lost: set[NodeId] = set()
    for row in rows:
        if isinstance(row, Edge):
            missing = {row.source, row.target} - nodes
        else:
            missing = {row.node} - nodes if isinstance(row, Observation) else set()
        if missing:
            lost |= missing
        else:
            yield row
    for node in sorted(lost):
        yield Oddity(f"`{node}`", "something is said of it, but no answer that was read lists it")


def _links(estate: Estate) -> Iterator[Row | Oddity]:
    """What follows from the whole; each step sees what the answers said, not what other steps added."""
    seals = Seals(estate)
    places = Locations(estate, seals)
    yield from control_policies(estate)
    yield from encrypted(estate, seals)
    yield from served(estate, seals)
    yield from transformed(estate)
    yield from started(estate)
    yield from images(estate)
    yield from notified(estate)
    yield from classified(estate)
    yield from bedrock(estate, seals)
    yield from tasks(estate)
    yield from profiled(estate)
    yield from reported(estate)
    yield from reserved_roles(estate)
    yield from found(estate)
    yield from places.rows()
    yield from registered(estate, places)
    yield from studio(estate)
    yield from used(estate)
    yield from trained(estate, places)
    yield from associated(estate, places)
    yield from created(estate)
    yield from managed(estate)
    yield from recorded(estate)
    yield from owned(estate)
    yield from people(estate)


def _fragments(rows: Iterable[Row | Oddity], estate: Estate) -> Iterator[Row | Oddity]:
    """The rows with all that one call says of a node in one fragment; ends of edges first."""
    nodes: dict[tuple[NodeId, CoverageKey], Node] = {}
    edges: dict[tuple[str, CoverageKey], Edge] = {}
    rest: list[Row | Oddity] = []
    for row in rows:
        if isinstance(row, Node):
            if _names_only(row) and estate.listed(row.id):
                continue
            for key in row.asserted_by:
                held = nodes.get((row.id, key))
                props = row.props if held is None else united(held.props, row.props)
                nodes[row.id, key] = replace(row, props=props, asserted_by=frozenset({key}))
        elif isinstance(row, Edge):
            for key in row.asserted_by:
                edges[row.id, key] = replace(row, asserted_by=frozenset({key}))
        elif isinstance(row, Oddity | Document):
            rest.append(row)
        else:
            rest.extend(replace(row, asserted_by=frozenset({key})) for key in row.asserted_by)
    yield from nodes.values()
    yield from rest
    yield from edges.values()


def _names_only(row: Node) -> bool:
    """Whether it says nothing of the node that its own listing would not; an owner that a record names it may not."""
    return row.props.get("referenced_only") is True and row.props.get("owner_basis") != REGISTRY
