"""Scopes: what contains accounts, resources and securables."""

from graph.schema import ADMIN, Family, NodeKind, Prop

_SCOPES = {
    "Organization": "An AWS organisation, Entra tenant, Google organisation or Databricks account.",
    "Folder": "An AWS organizational unit or root, Azure management group or Google folder.",
    "Account": "An AWS account, Azure subscription or Google project.",
    "ResourceGroup": "An Azure resource group.",
    "Workspace": "A Studio domain, Azure ML workspace, hub or project, or Databricks workspace.",
    "Registry": "A registry that holds artefacts, or a system of record that lists assets: a stack, the state of infrastructure as code, an inventory.",
    "Metastore": "A Unity Catalog metastore.",
    "Catalog": "A Unity Catalog or Glue catalog.",
    "Schema": "A schema or database of a catalog.",
}

NODES = tuple(
    NodeKind(
        name,
        Family.SCOPE,
        doc,
        (ADMIN,),
        ADMIN,
        (
            Prop(
                "management",
                "bool",
                "Whether it is the management account, which SCPs and RCPs do not bind.",
            ),
            Prop("flavour", "str", "The platform's own type, or the form of a system of record."),
            Prop("settings", "map", "Settings of the scope that a precondition or a move reads."),
        ),
    )
    for name, doc in _SCOPES.items()
)
