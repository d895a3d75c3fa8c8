"""Access: Grants, sets of targets, and what can be taken away."""

from graph.model import Capability
from graph.schema import DELEGATE, HELD, Family, NodeKind, Prop, Written

_ALL = tuple(Capability)

NODES = (
    NodeKind(
        "Grant",
        Family.ACCESS,
        "One effect: a capability on its targets, with the reasons that must stand.",
        (HELD, DELEGATE),
        HELD,
        (
            Prop("capability", "str", "The capability that its targets give.", index=True),
            Prop(
                "how",
                "str",
                "The action that matters, `trust`, `owner`, `key`, or a technique id.",
                index=True,
            ),
            Prop("certainty", "str", "definite, conditional or possible."),
            Prop("conditions", "list", "The open keys and unread parts it depends on."),
            Prop("assumptions", "list", "What was assumed, e.g. `SCP unread`."),
            Prop("notes", "list", "Values the caller chooses, odd shapes, end dates."),
            Prop(
                "limits",
                "list",
                "Boundaries and control policies that were checked: evidence, never Revocables.",
            ),
            Prop(
                "holder",
                "str",
                "Who holds it: an identity, group, class, public or external principal.",
            ),
            Prop(
                "self_widening",
                "bool",
                "Whether it widens its own holder, which makes the holder an administrator.",
            ),
            Prop(
                "latent_of", "list", "For a latent Grant, the kinds and capabilities it would give."
            ),
            Prop(
                "principal_relative",
                "bool",
                "Whether its Revocables are relative to the identity that entered.",
            ),
            Prop("delegable", "bool", "False where a technique may not be used through DELEGATE."),
        ),
        written=Written.CONCLUSION,
    ),
    NodeKind(
        "AssetSet",
        Family.ACCESS,
        "Targets that a Grant names by scope and selector; its members are listed once.",
        _ALL,
        None,
        (
            Prop("of_kind", "str", "The kind of its members, or `any` for a latent set."),
            Prop("scope", "str", "The scope that it ranges over."),
            Prop(
                "selector",
                "str",
                "The pattern, tags or resource-side statements that select the members.",
            ),
            Prop("latent", "bool", "True where nothing matches the selector yet."),
        ),
        written=Written.CONCLUSION,
    ),
    NodeKind(
        "Revocable",
        Family.ACCESS,
        "The smallest thing that an owner can take away.",
        (),
        None,
        (
            Prop(
                "kind",
                "str",
                "statement, attachment, membership, trust_entry, assignment, ...",
                index=True,
            ),
            Prop(
                "relative",
                "str",
                "member, attached, own, trust, key or resource; absent where it is concrete.",
            ),
            Prop("owner", "str", "The account that may take it away."),
            Prop(
                "document",
                "str",
                "The policy, inline document or resource policy that it stands in.",
            ),
            Prop("statement", "str", "The statement's Sid, or its hash."),
            Prop("position", "int", "The statement's place in the document, from 0."),
            Prop("holder", "str", "The identity or resource it hangs on."),
            Prop(
                "member",
                "str",
                "The member, principal entry or attached policy that is taken away.",
            ),
            Prop("hash", "str", "The hash of the document that holds the statement."),
            Prop("text", "str", "What it says, in one line."),
            Prop("removal", "str", "The native removal: a command or a patch."),
            Prop(
                "lifts_deny",
                "bool",
                "True where taking it away would also remove a Deny: it is not offered as a cut.",
            ),
        ),
        written=Written.CONCLUSION,
    ),
)
