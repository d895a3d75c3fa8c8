"""Identities: who acts, alone or as a group, and what proves who they are."""

from graph.schema import ADMIN, CONTROL, DELEGATE, HELD, READ, Family, NodeKind, Prop, Written

ENABLED = Prop(
    "enabled", "bool", "False where it is disabled: it then HOLDS only on that condition."
)
CREATED_BY_SERVICE = Prop(
    "reserved", "str", "`service-linked` or `sso` for roles that only the platform may change."
)
UNIQUE = Prop(
    "unique_id", "str", "The id that no later identity of the same name gets, e.g. `AROA...`."
)
SETTINGS = Prop("settings", "map", "What the platform says of it that a rule reads.")

NODES = (
    NodeKind(
        "Person",
        Family.IDENTITY,
        "A human, linked over platforms.",
        (CONTROL,),
        CONTROL,
        (
            Prop("email", "str", "The address that links the accounts.", index=True),
            Prop("confidence", "float", "How sure the link is, 0 to 1."),
        ),
    ),
    NodeKind(
        "User",
        Family.IDENTITY,
        "An IAM, Identity Center, Entra, Google or Databricks user.",
        (CONTROL, ADMIN),
        CONTROL,
        (
            ENABLED,
            Prop("path", "str", "The IAM path, `/` where none."),
            UNIQUE,
            Prop("email", "str", "The address the platform stores for it."),
            Prop("access_keys", "int", "How many access keys it has."),
            Prop("console_password", "bool", "Whether it has a console password (login profile)."),
            Prop("mfa", "bool", "Whether it has a second factor."),
            SETTINGS,
            Prop(
                "last_used",
                "time",
                "When it was last used, as far as the platform tells.",
                volatile=True,
            ),
        ),
    ),
    NodeKind(
        "Role",
        Family.IDENTITY,
        "An IAM role.",
        (CONTROL, ADMIN, DELEGATE),
        CONTROL,
        (
            CREATED_BY_SERVICE,
            UNIQUE,
            Prop("path", "str", "The IAM path, `/` where none."),
            Prop("instance_profile", "bool", "Whether an instance profile carries it."),
            Prop(
                "last_used",
                "time",
                "When it was last used, as far as the platform tells.",
                volatile=True,
            ),
        ),
    ),
    NodeKind(
        "ServiceAccount",
        Family.IDENTITY,
        "A Google service account or service agent, Entra service principal or managed identity, or Databricks service principal.",
        (CONTROL, ADMIN, DELEGATE),
        CONTROL,
        (ENABLED, Prop("flavour", "str", "Which of these it is.")),
    ),
    NodeKind(
        "Application",
        Family.IDENTITY,
        "An Entra application registration.",
        (CONTROL, ADMIN),
        CONTROL,
    ),
    NodeKind(
        "Group",
        Family.IDENTITY,
        "A group of any platform, or a pseudo-group with a member rule.",
        (HELD, DELEGATE, ADMIN),
        HELD,
        (
            Prop("member_rule", "str", "The rule that says who belongs, instead of a list."),
            Prop("members_read", "bool", "False where the members were not read."),
            SETTINGS,
        ),
    ),
    NodeKind(
        "PermissionSet",
        Family.IDENTITY,
        "A permission set of IAM Identity Center: a role in every account that it is provisioned to.",
        (ADMIN,),
        ADMIN,
        (SETTINGS,),
    ),
    NodeKind(
        "Credential",
        Family.IDENTITY,
        "An access key, token, secret or certificate; never its value.",
        (READ,),
        READ,
        (
            ENABLED,
            Prop("flavour", "str", "Which form of credential it is."),
            Prop("expires", "time", "When it ends by itself."),
            Prop(
                "last_used",
                "time",
                "When it was last used, as far as the platform tells.",
                volatile=True,
            ),
            SETTINGS,
        ),
    ),
    NodeKind(
        "IdentityProvider",
        Family.IDENTITY,
        "A SAML or OIDC provider, workload identity pool provider or federated credential.",
        (ADMIN,),
        ADMIN,
        (Prop("flavour", "str", "saml, oidc or workload-identity."), SETTINGS),
    ),
    NodeKind(
        "Public",
        Family.IDENTITY,
        "Everyone on the internet, or every account of a platform.",
        (CONTROL,),
        CONTROL,
    ),
    NodeKind(
        "External",
        Family.IDENTITY,
        "An account, tenant, domain, repository subject or share recipient outside the estate.",
        (CONTROL,),
        CONTROL,
        (
            Prop(
                "breadth", "str", "The pattern of subjects that it stands for, e.g. `repo:org/*`."
            ),
            Prop("reason", "str", "Why it counts as external, e.g. `IAM of account unread`."),
        ),
        written=Written.CONCLUSION,
    ),
    NodeKind(
        "PrincipalClass",
        Family.IDENTITY,
        "Identities with equal effective policies, or an identity widened by a technique.",
        (HELD, DELEGATE),
        HELD,
        (
            Prop("members", "int", "How many identities it stands for."),
            Prop(
                "virtual",
                "str",
                "For an identity changed by a technique `all`, `joined`, `unbounded`, `versioned` or `tagged`, absent otherwise.",
            ),
            Prop("of", "str", "The identity or class that a virtual class widens."),
            Prop(
                "admin",
                "bool",
                "After denies, boundary and service control policies it may grant itself everything these leave.",
            ),
            Prop("residual_denies", "list", "What an administrator still may not do."),
        ),
        written=Written.CONCLUSION,
    ),
)
