"""AWS-SM-019: one execution role on several Studio user profiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.model import Node, NodeId
from queries.grounds import assessed, blind
from queries.inventory import Inventory
from queries.joins import roles
from queries.rule import Assessed, Kind, Rule, Severity, Verdict

NEEDS = ("sagemaker.describe_user_profile", "sagemaker.describe_domain")


def ask(inventory: Inventory) -> Iterator[Assessed]:
    """Every user profile, by how many others run as its role."""
    profiles = [
        one
        for one in inventory.assets("Notebook")
        if one.props.get("flavour") == "studio user profile"
    ]
    sharing: dict[NodeId, list[Node]] = defaultdict(list)
    for node in profiles:
        for role in roles(inventory, node.id):
            sharing[role.id].append(node)
    most = inventory.context.shared_role
    for node in profiles:
        own = roles(inventory, node.id)
        shared = [role for role in own if len(sharing[role.id]) >= most]
        unread = inventory.unread(node, *NEEDS)
        for role in shared:
            count = len(sharing[role.id])
            yield Assessed(
                node.id,
                Verdict.FAIL,
                f"its role `{role.name}` is that of {count} profiles: the log cannot tell their users apart",
                (("role", role.id), ("profiles", str(count))),
                identity=(role.id,),
                related=(role.id,),
            )
        if not shared and (unread or not own):
            yield blind(node, "its role was not read", unread)
        elif not shared:
            yield assessed(node, Verdict.PASS, f"fewer than {most} profiles run as its role")


RULE = Rule(
    id="aws-sm-019",
    ref="AWS-SM-019",
    title="Studio users share an execution role",
    kind=Kind.GRAPH,
    family="LP",
    severity=Severity.MEDIUM,
    on=("Notebook",),
    needs=NEEDS,
    identity=("role",),
    fix="Give each user profile a role of its own, or set ExecutionRoleIdentityConfig to USER_PROFILE_NAME.",
    signals="Several user profiles run as one role, their own or the domain's default.",
    controls=("how many profiles count as shared is the setting context.shared_role",),
    ask=ask,
)
