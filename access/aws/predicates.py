"""Preconditions of AWS rows, decided from facts: true, false, or unknown (None)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from access.aws.arns import account_of
from access.estate import Estate
from access.technique import Predicate
from graph.model import CoverageKey, Node, NodeId, Role

# What `exists` may speak of, by words: the kinds of node that show it, and a part of their ids. A service lies in a
# cluster and runs a task definition.
_EXISTING: Mapping[str, tuple[tuple[str, ...], str]] = {
    "ecs cluster": (("Service", "Cluster"), ":ecs:"),
    "notebook instance": (("Notebook",), ":notebook-instance/"),
    "agent runtime": (("Agent",), ":runtime/"),
    "glue job": (("Job",), ":job/"),
    # Nothing lists these: whether one exists stays open.
    "stream or queue": ((), ""),
    "stack set": ((), ""),
    "subnet": ((), ""),
    "identity pool": ((), ""),
}
_CONTAINER_INSTANCES = "ecs container instance"
_MAX_VERSIONS = 5  # SOURCE: IAM quota, a managed policy holds up to five versions

# What lists all that starts a workload of this kind.
_LISTING = {
    "Function": "lambda.list_event_source_mappings",
    "VirtualMachine": "autoscaling.describe_auto_scaling_groups",
}
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
            "bounded": self._bounded,
            "setting_value": self._setting_value,
            "exec_enabled": self._exec_enabled,
            "port_open": self._port_open,
            "exists": self._exists,
            "default_role": self._default_role,
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
        callers = (edge.source for edge in self._estate.incoming(node, "CALLS"))
        by_agent = any(
            caller in self._estate.nodes and self._estate.nodes[caller].kind == "Agent"
            for caller in callers
        )
        if by_agent or self._estate.incoming(node, "TRIGGERS"):
            return True
        settings = self._prop(node, "settings")
        if isinstance(settings, Mapping) and any(name.startswith(_TRIGGER) for name in settings):
            return True
        listing = _LISTING.get(self._estate.nodes[node].kind)
        read = listing is not None and self._estate.ever_read(listing, account_of(node))
        return False if read else None

    def _setting(self, node: NodeId, name: str) -> str | None:
        settings = self._prop(node, "settings")
        return settings.get(name) if isinstance(settings, Mapping) else None

    def _setting_value(self, predicate: Predicate, node: NodeId) -> bool | None:
        value = self._setting(node, predicate.arguments[1])
        return None if value is None else value.lower() == predicate.arguments[2].lower()

    def _exec_enabled(self, _predicate: Predicate, node: NodeId) -> bool | None:
        value = self._setting(node, "exec")
        return None if value is None else value.lower() == "true"

    def _port_open(self, _predicate: Predicate, node: NodeId) -> bool | None:
        """False where nothing from outside reaches the node; which ports are open is not read."""
        return False if self._prop(node, "internet_reachable") is False else None

    def _exists(self, predicate: Predicate, node: NodeId) -> bool | None:
        """Whether the account of the node has such a thing, as far as listed nodes tell."""
        if predicate.arguments[-1] == _CONTAINER_INSTANCES:
            return self._container_instances(account_of(node))
        kinds, part = _EXISTING[predicate.arguments[-1]]
        own = f":{account_of(node)}:"
        found = any(part in one.id and own in one.id for one in self._estate.of_kind(*kinds))
        return True if found else None

    def _container_instances(self, account: str) -> bool | None:
        """Whether a cluster of the account says that instances are registered with it."""
        clusters = [one.id for one in self._estate.of_kind("Cluster") if f":{account}:" in one.id]
        counts = [self._setting(one, "container_instances") for one in clusters if ":ecs:" in one]
        if any(count not in {None, "0"} for count in counts):
            return True
        return None if None in counts or not counts else False

    def _default_role(self, _predicate: Predicate, node: NodeId) -> bool | None:
        """Whether a Studio domain of the account names the role as its default."""
        own = f":{account_of(node)}:domain/"
        domains = [one for one in self._estate.of_kind("Workspace") if own in one.id]
        named = [self._setting(domain.id, "user_execution_role") for domain in domains]
        return True if str(node) in named else None if None in named else False

    def _bounded(self, _predicate: Predicate, node: NodeId) -> bool | None:
        return bool(self._estate.attached(node, Role.BOUNDARY))

    def _free_version(self, _predicate: Predicate, node: NodeId) -> bool | None:
        versions = self._estate.attached(node, Role.VERSION)
        return len(versions) < _MAX_VERSIONS if versions else None


def encryption(estate: Estate, dataset: NodeId) -> tuple[NodeId, ...] | None:
    """The customer-managed keys of a dataset or secret (empty: none); None where its encryption was not read."""
    keys = tuple(edge.target for edge in estate.outgoing(dataset, "ENCRYPTED_BY"))
    if keys:
        return keys
    node = estate.nodes.get(dataset)
    if node is not None and node.kind == "Secret":
        # A list of secrets names the customer key of each, and none where the service's own key is used.
        return () if any("secretsmanager." in key.call for key in node.asserted_by) else None
    bucket = str(dataset).partition("/")[0].rpartition(":")[2]
    holder = estate.nodes.get(NodeId(str(dataset).partition("/")[0]), node)
    account = str(holder.props.get("account", "")) if holder else ""
    call = CoverageKey("aws", account, "global", f"s3.get_bucket_encryption/{bucket}")
    return () if estate.reading(call).value != "never" else None
