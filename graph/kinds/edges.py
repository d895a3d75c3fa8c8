"""Relations and the moves that compromise makes along them."""

from collections.abc import Iterable

from graph.kinds import artefact, compute, data, identity, scope
from graph.schema import (
    ADMIN,
    CONTROL,
    DELEGATE,
    HELD,
    INVOKE,
    PROMOTE,
    READ,
    WRITE,
    EdgeKind,
    FallsBy,
    Move,
    NodeKind,
    Prop,
    Special,
    When,
    Written,
)


def _names(*groups: Iterable[NodeKind]) -> frozenset[str]:
    return frozenset(kind.name for group in groups for kind in group)


IDENTITIES = _names(identity.NODES)
SCOPES = _names(scope.NODES)
COMPUTE = _names(compute.NODES)
ARTEFACTS = _names(artefact.NODES)
DATA = _names(data.NODES)
ASSETS = COMPUTE | ARTEFACTS | DATA
ANYTHING = IDENTITIES | SCOPES | ASSETS
ACTORS = frozenset(
    {"Person", "User", "Role", "ServiceAccount", "Application", "Public", "External"}
)
HOLDERS = ACTORS | {"Group", "PrincipalClass"}
RERUNS = Prop(
    "reruns", "bool", "Whether the consumer will run again; only then does it run what was changed."
)

NODES: tuple[NodeKind, ...] = ()

EDGES = (
    EdgeKind(
        "HAS_ACCOUNT",
        "The person uses this identity.",
        frozenset({"Person"}),
        ACTORS,
        (Move(CONTROL, CONTROL),),
        props=(Prop("confidence", "float", "How sure the link is, 0 to 1."),),
    ),
    EdgeKind(
        "MEMBER_OF",
        "The identity or group belongs to the group.",
        ACTORS | {"Group"},
        frozenset({"Group"}),
        (Move(CONTROL, HELD), Move(HELD, HELD), Move(DELEGATE, DELEGATE)),
        FallsBy.ITSELF,
    ),
    EdgeKind(
        "ASSIGNED",
        "It may become the role of this permission set in the account of the assignment.",
        frozenset({"User", "Group"}),
        frozenset({"PermissionSet"}),
        (),
        FallsBy.NEVER,
        "account",
    ),
    EdgeKind(
        "IN_CLASS",
        "The identity has the effective policies of the class.",
        ACTORS,
        frozenset({"PrincipalClass"}),
        (Move(CONTROL, HELD), Move(DELEGATE, DELEGATE)),
        FallsBy.BECAUSE,
        written=Written.CONCLUSION,
    ),
    EdgeKind(
        "HOLDS",
        "The holder enjoys the Grant.",
        HOLDERS,
        frozenset({"Grant"}),
        (Move(CONTROL, HELD), Move(HELD, HELD), Move(DELEGATE, DELEGATE)),
        FallsBy.BECAUSE,
        written=Written.CONCLUSION,
    ),
    EdgeKind(
        "ON",
        "The Grant gives its capability on this target.",
        frozenset({"Grant"}),
        ANYTHING | {"AssetSet"},
        (Move(HELD, Special.OF_GRANT), Move(DELEGATE, Special.OF_GRANT, when=When.DELEGABLE)),
        FallsBy.BECAUSE,
        written=Written.CONCLUSION,
    ),
    EdgeKind(
        "BECAUSE",
        "A need of the Grant has an alternative that uses this Revocable.",
        frozenset({"Grant"}),
        frozenset({"Revocable"}),
        (),
        FallsBy.NEVER,
        "need and alternative",
        (
            Prop("need", "int", "Which need, from 0."),
            Prop("alternative", "int", "Which alternative of the need, from 0."),
            Prop(
                "need_name",
                "str",
                "What the need asks for, e.g. `s3:GetObject allowed by the identity side`.",
            ),
        ),
        Written.CONCLUSION,
    ),
    EdgeKind(
        "COVERS",
        "The set has this member.",
        frozenset({"AssetSet"}),
        ANYTHING,
        (Move(Special.EACH, Special.SAME),),
        written=Written.CONCLUSION,
    ),
    EdgeKind(
        "CONTAINS",
        "The scope holds this scope or member.",
        SCOPES,
        ANYTHING,
        (Move(ADMIN, ADMIN, when=When.DESCENDS),),
        FallsBy.SETTING,
        props=(
            Prop(
                "descends",
                "bool",
                "Whether ADMIN of the scope is ADMIN of this member, where a setting decides.",
            ),
        ),
    ),
    EdgeKind(
        "PART_OF",
        "The dataset lies in this larger dataset.",
        frozenset({"Dataset"}),
        frozenset({"Dataset"}),
        (Move(ADMIN, ADMIN, back=True),),
    ),
    EdgeKind(
        "RUNS_AS",
        "The workload or application acts as this identity.",
        COMPUTE | {"Application"},
        ACTORS | {"Group"},
        (Move(CONTROL, CONTROL, when=When.TO_IDENTITY), Move(CONTROL, HELD, when=When.TO_GROUP)),
    ),
    EdgeKind(
        "OPENS",
        "Whoever reads the secret has this capability.",
        frozenset({"Secret", "Credential"}),
        ANYTHING,
        (Move(READ, Special.OF_EDGE),),
        FallsBy.ITSELF,
        "capability",
        (Prop("gain", "str", "The capability that it opens; CONTROL on an identity."),),
    ),
    EdgeKind(
        "VOUCHES_FOR",
        "The provider may say that someone is this identity.",
        frozenset({"IdentityProvider"}),
        ACTORS,
        (Move(ADMIN, CONTROL),),
        FallsBy.TRUST_ENTRY,
    ),
    EdgeKind(
        "YIELDS",
        "One capability on the node gives another, by a technique that does not depend on the actor.",
        ANYTHING,
        ANYTHING,
        (Move(Special.FROM_EDGE, Special.OF_EDGE),),
        FallsBy.SETTING,
        "technique and capability",
        (
            Prop("have", "str", "The capability it starts from."),
            Prop("gain", "str", "The capability it gives."),
            Prop("technique", "str", "The technique's id."),
        ),
        Written.CONCLUSION,
    ),
    EdgeKind(
        "EXECUTES",
        "The workload runs this code, image or artefact when it starts.",
        COMPUTE,
        frozenset({"Code", "Image", "ModelVersion"}),
        (Move(WRITE, CONTROL, back=True, when=When.RERUNS),),
        props=(RERUNS,),
    ),
    EdgeKind(
        "TRIGGERS",
        "It starts this workload.",
        frozenset({"Schedule", "Pipeline", "Service"}),
        COMPUTE,
        (Move(WRITE, CONTROL), Move(INVOKE, INVOKE)),
    ),
    EdgeKind(
        "SERVES",
        "The endpoint or agent answers with this model version.",
        frozenset({"Endpoint", "Agent"}),
        frozenset({"ModelVersion"}),
        (Move(WRITE, WRITE, back=True), Move(INVOKE, INVOKE)),
    ),
    EdgeKind(
        "FOLLOWS",
        "It deploys what the model's alias, stage or approval points at.",
        frozenset({"Endpoint", "Job"}),
        frozenset({"Model"}),
        (Move(PROMOTE, WRITE, back=True),),
    ),
    EdgeKind(
        "VERSION_OF",
        "It is a version of this model.",
        frozenset({"ModelVersion"}),
        frozenset({"Model"}),
        (
            Move(READ, READ, back=True),
            Move(PROMOTE, PROMOTE, back=True),
            Move(ADMIN, ADMIN, back=True),
        ),
    ),
    EdgeKind(
        "TRAINED_ON",
        "The version was trained on this data.",
        frozenset({"ModelVersion"}),
        frozenset({"Dataset", "FeatureStore"}),
        (Move(WRITE, WRITE, back=True, indirect=True, when=When.RETRAINS),),
        props=(Prop("retrains", "bool", "Whether a schedule or pipeline trains it again."),),
    ),
    EdgeKind(
        "STORED_IN",
        "Its content lies in this dataset.",
        frozenset(
            {"ModelVersion", "Code", "KnowledgeBase", "VectorIndex", "FeatureStore", "Dataset"}
        ),
        frozenset({"Dataset"}),
        (Move(READ, READ, back=True), Move(WRITE, WRITE, back=True)),
    ),
    EdgeKind(
        "GROUNDED_ON",
        "Its answers draw on this data.",
        frozenset({"Agent", "KnowledgeBase", "Endpoint", "Pipeline"}),
        frozenset({"Dataset", "KnowledgeBase", "VectorIndex"}),
        (Move(WRITE, WRITE, back=True, indirect=True), Move(INVOKE, READ, indirect=True)),
    ),
    EdgeKind(
        "CALLS",
        "It calls this workload.",
        frozenset({"Agent", "Pipeline", "Function"}),
        frozenset({"Function", "Endpoint", "Agent"}),
        (Move(INVOKE, INVOKE, indirect=True),),
    ),
    EdgeKind(
        "DERIVED_FROM",
        "Its content was made from this.",
        ARTEFACTS | DATA,
        ARTEFACTS | DATA,
        (),
        FallsBy.NEVER,
    ),
    EdgeKind(
        "VIEW_OF",
        "The view reads this table.",
        frozenset({"Dataset"}),
        frozenset({"Dataset"}),
        (),
        FallsBy.NEVER,
    ),
    EdgeKind(
        "ENCRYPTED_BY",
        "Its content is encrypted with this key.",
        ASSETS | {"Workspace"},
        frozenset({"Key"}),
        (),
        FallsBy.NEVER,
    ),
    EdgeKind("OWNED_BY", "This identity answers for it.", ANYTHING, IDENTITIES, (), FallsBy.NEVER),
    EdgeKind("CREATED_BY", "This identity created it.", ANYTHING, IDENTITIES, (), FallsBy.NEVER),
    EdgeKind(
        "MANAGED_BY",
        "This scope, workload or system of record manages or lists it.",
        ANYTHING,
        ANYTHING,
        (),
        FallsBy.NEVER,
        props=(
            Prop("address", "str", "Where the record lists it."),
            Prop("owner", "str", "Who answers for it, as the record says."),
            Prop(
                "status",
                "str",
                "What the record says of it: approved, requested, retired, sandbox.",
            ),
            Prop("approved_by", "str", "Who approved it, as the record says."),
            Prop("expires", "str", "The day until which the record vouches for it."),
        ),
    ),
    EdgeKind("APPROVED_BY", "This identity approved it.", ANYTHING, IDENTITIES, (), FallsBy.NEVER),
)
