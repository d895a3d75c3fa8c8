"""Preconditions of AWS rows, decided from facts: true, false, or unknown (None)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from access.aws.arns import account_of
from access.estate import Estate
from access.technique import Predicate
from graph.model import CoverageKey, Node, NodeId, Role

_MAX_VERSIONS = 5  # SOURCE: IAM quota, a managed policy holds up to five versions

_TRIGGER = "trigger:"
"""What begins the name of a setting that says which bucket's events start the workload."""


class Predicates:
    """Decides the preconditions that speak of one node (`$res`, `$role`, `$user`, `$policy`)."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._tests: Mapping[str, Callable[[Predicate, NodeId], bool | None]] = {
            "state_is": self._state_is,
            "runs_as_known": self._runs_as_known,
            "fewer_than_two_keys": self._fewer_than_two_keys,
            "has_console_password": self._has_console_password,
            "has_instance_profile": self._has_instance_profile,
            "no_customer_key": self._no_customer_key,
            "has_trigger": self._has_trigger,
            "policy_has_free_version": self._free_version,
        }

    def speaks_of_node(self, predicate: Predicate) -> bool:
        """Whether the precondition is one that a node alone decides."""
        return predicate.name in self._tests

    def holds(self, predicate: Predicate, node: NodeId) -> bool | None:
        """Whether it is true of the node; None where the facts do not say."""
        found = self._tests[predicate.name](predicate, node)
        return found if found is None or not predicate.negated else not found

    def _node(self, node: NodeId) -> Node | None:
        return self._estate.nodes.get(node)

    def _prop(self, node: NodeId, name: str) -> object:
        found = self._node(node)
        return None if found is None else found.props.get(name)

    def _state_is(self, predicate: Predicate, node: NodeId) -> bool | None:
        state = self._prop(node, "state")
        return None if state is None else state == predicate.arguments[1]

    def _runs_as_known(self, _predicate: Predicate, node: NodeId) -> bool | None:
        roles = [edge.target for edge in self._estate.outgoing(node, "RUNS_AS")]
        if any(role in self._estate.nodes and self._estate.nodes[role].present for role in roles):
            return True
        return False if roles or self._prop(node, "state") is not None else None

    def _fewer_than_two_keys(self, _predicate: Predicate, node: NodeId) -> bool | None:
        count = self._prop(node, "access_keys")
        return None if not isinstance(count, int) else count < 2  # SOURCE: IAM quota

    def _has_console_password(self, _predicate: Predicate, node: NodeId) -> bool | None:
        found = self._prop(node, "console_password")
        return found if isinstance(found, bool) else None

    def _has_instance_profile(self, _predicate: Predicate, node: NodeId) -> bool | None:
        found = self._prop(node, "instance_profile")
        return found if isinstance(found, bool) else None

    def _no_customer_key(self, _predicate: Predicate, node: NodeId) -> bool | None:
        found = encryption(self._estate, node)
        return None if found is None else not found

    def _has_trigger(self, _predicate: Predicate, node: NodeId) -> bool | None:
        if self._estate.incoming(node, "TRIGGERS"):
            return True
        settings = self._prop(node, "settings")
        if isinstance(settings, Mapping) and any(name.startswith(_TRIGGER) for name in settings):
            return True
        read = self._estate.ever_read("lambda.list_event_source_mappings", account_of(node))
        return False if read else None

    def _free_version(self, _predicate: Predicate, node: NodeId) -> bool | None:
        versions = self._estate.attached(node, Role.VERSION)
        return len(versions) < _MAX_VERSIONS if versions else None


def encryption(estate: Estate, dataset: NodeId) -> tuple[NodeId, ...] | None:
    """The customer-managed keys of a dataset (empty: none); None where its encryption was not read."""
    keys = tuple(edge.target for edge in estate.outgoing(dataset, "ENCRYPTED_BY"))
    if keys:
        return keys
    node = estate.nodes.get(dataset)
    bucket = str(dataset).partition("/")[0].rpartition(":")[2]
    holder = estate.nodes.get(NodeId(str(dataset).partition("/")[0]), node)
    account = str(holder.props.get("account", "")) if holder else ""
    call = CoverageKey("aws", account, "global", f"s3.get_bucket_encryption/{bucket}")
    return () if estate.reading(call).value != "never" else None
