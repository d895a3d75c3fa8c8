"""The declared kinds, a file per family; the properties that every asset may carry stand here."""

from graph.schema import Prop

ASSET_PROPS = (
    Prop("name", "str", "The name that people know it by.", index=True),
    Prop(
        "platform",
        "str",
        "The platform that holds it: aws, azure, gcp, databricks, mlflow or files.",
        index=True,
    ),
    Prop(
        "account",
        "str",
        "The id of the account, subscription, project or workspace that holds it.",
        index=True,
    ),
    Prop("region", "str", "The region it lives in, or `global`."),
    Prop(
        "environment",
        "str",
        "prod, dev and the like: from settings, a tag, or a name pattern.",
        index=True,
    ),
    Prop("environment_basis", "str", "Where the environment was taken from."),
    Prop("tags", "map", "The tags or labels that were read; absent where they were not read."),
    Prop("owner", "str", "Who answers for it, as the source names them."),
    Prop(
        "owner_basis",
        "str",
        "Where the owner was taken from: decision, tag, platform field, registry, creator, account.",
    ),
    Prop("sensitivity", "int", "0 none, 1 internal, 3 confidential, 10 restricted."),
    Prop("sensitivity_basis", "str", "Where the sensitivity was taken from."),
    Prop("tier", "str", "The tier that a selector or a tag gives it; `crown` marks a crown jewel."),
    Prop("created", "time", "When the platform says it was created."),
    Prop("last_changed", "time", "When the platform says it was last changed.", volatile=True),
    Prop("internet_reachable", "bool", "Reachable from the public internet."),
    Prop("private_only", "bool", "Its traffic stays in a private network."),
    Prop("cmk", "bool", "Encrypted with a customer-managed key."),
    Prop(
        "local_auth", "bool", "Takes keys or passwords of its own beside the platform's identities."
    ),
    Prop("root", "bool", "Gives its users root or administrator rights on the machine."),
    Prop("logging", "bool", "Its use is logged."),
    Prop("owner_known", "bool", "An owner was found by any basis."),
    Prop("registered", "bool", "It stands in a model or data registry."),
    Prop("approved", "bool", "Someone approved it for use."),
    Prop("tagged", "bool", "It carries the tags that the settings require."),
    Prop("idle", "bool", "Not used in the window, where the use could be seen."),
    Prop("sanctioned", "bool", "Of a kind and place that the settings allow."),
    Prop(
        "referenced_only",
        "bool",
        "Named by another fact but never listed itself: owner and policy are unread.",
    ),
)
