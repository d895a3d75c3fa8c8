"""Data: datasets and the secrets and keys that protect them."""

from graph.schema import ADMIN, INVOKE, READ, WRITE, Family, NodeKind, Prop

LAST_USED = Prop(
    "last_used", "time", "When it was last read, as far as the platform tells.", volatile=True
)

NODES = (
    NodeKind(
        "Dataset",
        Family.DATA,
        "A bucket, a prefix that something names, container, volume, table, view or share.",
        (READ, WRITE, ADMIN),
        WRITE,
        (
            Prop("flavour", "str", "bucket, prefix, table, view, volume ..."),
            Prop("key", "str", "The id of the customer-managed key that encrypts it."),
            Prop("block_public", "list", "The public access blocks that are on."),
            Prop("settings", "map", "Settings that a precondition or a rule reads."),
            LAST_USED,
        ),
    ),
    NodeKind(
        "Secret",
        Family.DATA,
        "A secret, stored password or connection; never its value.",
        (READ, WRITE, ADMIN),
        READ,
        (
            Prop("flavour", "str", "The platform's own type."),
            Prop("key", "str", "The id of the customer-managed key that encrypts it."),
            Prop("settings", "map", "Settings that a precondition or a rule reads."),
            LAST_USED,
            Prop("last_rotated", "time", "When its value was last replaced.", volatile=True),
        ),
    ),
    NodeKind(
        "Key",
        Family.DATA,
        "An encryption key.",
        (INVOKE, ADMIN),
        INVOKE,
        (
            Prop("manager", "str", "`customer` or `vendor`."),
            Prop("state", "str", "Enabled, Disabled, PendingDeletion."),
            Prop("aliases", "list", "The alias names that resolve to it."),
            Prop("settings", "map", "Settings that a precondition or a rule reads."),
        ),
    ),
)
