"""SageMaker Studio: domains, the profiles of their users, the spaces these work in, and the apps that run there."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import listed, props, referenced
from ingest.aws.names import Arn
from ingest.aws.sagemaker import ARN, GONE, node_of, region_call, runs_as
from ingest.aws.studio_code import script_stub
from ingest.aws.studio_settings import domain_settings, setting_places, user_settings
from ingest.fields import Json, member, moment, text
from ingest.source import PART, Answer, Feed, Link, Mention, Resource, Shaped, Skipped

PROFILE = "studio user profile"
SPACE = "studio space"
_ENDED = frozenset({"Deleted", "Deleting", "Failed"})


def member_node(answer: Answer, form: str, domain: str, name: str) -> NodeId:
    """The node of a domain's profile or space; listings give no ARN, and ARNs of SageMaker hold names in lower case.

    # SOURCE: github.com/prometheus-community/yet-another-cloudwatch-exporter pull 1178, read 2026-11-26 (check)
    """
    return node_of(answer, form, f"{domain}/{name.lower()}")


def shape_domains(answer: Answer) -> Iterator[Shaped]:
    """The domains of the account in the region."""
    for row in answer.each("Domains"):
        arn = text(row, "DomainArn")
        if arn is None:
            yield Skipped(str(answer.key), "an item of `Domains` has no `DomainArn`")
            continue
        state = text(row, "Status")
        yield from listed(
            arn,
            "Workspace",
            account=answer.account,
            region=answer.region,
            name=text(row, "DomainName") or text(row, "DomainId"),
            created=moment(row, "CreationTime"),
            last_changed=moment(row, "LastModifiedTime"),
            settings={"state": state} if state else None,
        )


def shape_domain(answer: Answer) -> Iterator[Shaped]:
    """How people sign in to the domain, where its traffic goes, and what its users and spaces get by default."""
    for page in answer.pages:
        node = NodeId(text(page, "DomainArn") or node_of(answer, "domain", answer.argument))
        network, mode = text(page, "AppNetworkAccessType"), text(page, "AuthMode")
        identity = text(member(page, "DomainSettings"), "ExecutionRoleIdentityConfig")
        key = text(page, "KmsKeyId") or text(page, "HomeEfsFileSystemKmsKeyId")
        yield Node(
            node,
            "Workspace",
            props(
                private_only=None if network is None else network == "VpcOnly",
                internet_reachable=None if network is None else network == "PublicInternetOnly",
                local_auth=None if mode is None else mode == "IAM",
                logging=None if identity is None else identity == "USER_PROFILE_NAME",
                cmk=False if key is None else None,
                settings=domain_settings(page) or None,
            ),
        )
        if key is not None:
            yield Mention(Link.KEY, node, key)
        for name in ("DefaultUserSettings", "DefaultSpaceSettings"):
            for uri in setting_places(member(page, name)):
                yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def _members(answer: Answer, items: str, form: str, word: str, flavour: str) -> Iterator[Shaped]:
    """The profiles or spaces of a listing, each in its domain."""
    for row in answer.each(items):
        domain, name = text(row, "DomainId"), text(row, f"{word}Name")
        if domain is None or name is None:
            yield Skipped(str(answer.key), f"an item of `{items}` has no domain or name")
            continue
        node = member_node(answer, form, domain, name)
        state = text(row, "Status")
        owner = text(member(row, "OwnershipSettingsSummary"), "OwnerUserProfileName")
        sharing = text(member(row, "SpaceSharingSettingsSummary"), "SharingType")
        yield from listed(
            node,
            "Notebook",
            account=answer.account,
            region=answer.region,
            name=text(row, "SpaceDisplayName") or name,
            flavour=flavour,
            state=state,
            reruns=None if state is None else state not in GONE,  # its apps are started again
            created=moment(row, "CreationTime"),
            last_changed=moment(row, "LastModifiedTime"),
            **_owner(owner),
            settings=_told(domain=domain, owner_profile=owner, sharing=sharing) or None,
        )
        yield from _in_domain(answer, domain, node)


def _owner(name: str | None) -> dict[str, str | bool]:
    return (
        {"owner": name, "owner_basis": "platform field", "owner_known": True}
        if name is not None
        else {}
    )


def _told(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _in_domain(answer: Answer, domain: str, node: NodeId) -> Iterator[Shaped]:
    scope = node_of(answer, "domain", domain)
    yield referenced(scope, "Workspace", account=answer.account, region=answer.region, name=domain)
    yield Edge("CONTAINS", scope, node)


def shape_profiles(answer: Answer) -> Iterator[Shaped]:
    """The user profiles of all domains in the region."""
    yield from _members(answer, "UserProfiles", "user-profile", "UserProfile", PROFILE)


def shape_spaces(answer: Answer) -> Iterator[Shaped]:
    """The spaces of all domains in the region."""
    yield from _members(answer, "Spaces", "space", "Space", SPACE)


def _asked(answer: Answer, form: str) -> NodeId:
    """The profile or space that a description was asked of."""
    domain, _, name = answer.argument.partition(PART)
    return member_node(answer, form, domain, name)


def shape_profile(answer: Answer) -> Iterator[Shaped]:
    """Whose profile it is, and as whom its user works where that is not the domain's default."""
    for page in answer.pages:
        node = NodeId(text(page, "UserProfileArn") or _asked(answer, "user-profile"))
        own = member(page, "UserSettings")
        role = text(own, "ExecutionRole")
        settings = user_settings(own) | _told(
            role_from="profile" if role else "domain",
            sso_identifier=text(page, "SingleSignOnUserIdentifier"),
            sso_value=text(page, "SingleSignOnUserValue"),
            efs_uid=text(page, "HomeEfsFileSystemUid"),
        )
        yield Node(
            node,
            "Notebook",
            props(settings=settings, **_owner(text(page, "SingleSignOnUserValue"))),
        )
        if role is not None:
            yield from runs_as(node, role)
        for uri in setting_places(own):
            yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def shape_space(answer: Answer) -> Iterator[Shaped]:
    """Whose space it is, who shares it, and what it mounts."""
    for page in answer.pages:
        node = NodeId(text(page, "SpaceArn") or _asked(answer, "space"))
        own = member(page, "SpaceSettings")
        owner = text(member(page, "OwnershipSettings"), "OwnerUserProfileName")
        settings = user_settings(own) | _told(
            owner_profile=owner,
            sharing=text(member(page, "SpaceSharingSettings"), "SharingType"),
            app_type=text(own, "AppType"),
            remote_access=text(own, "RemoteAccess"),
            url=text(page, "Url"),
        )
        yield Node(node, "Notebook", props(settings=settings or None, **_owner(owner)))
        for uri in setting_places(own):
            yield Mention(Link.NAMES, node, uri, {"form": "folder"})


def _place_of(answer: Answer, row: Json) -> NodeId | None:
    """Where an app runs: its space, else the profile of its user."""
    domain, space = text(row, "DomainId"), text(row, "SpaceName")
    profile = text(row, "UserProfileName")
    if domain is None or (space is None and profile is None):
        return None
    if space is not None:
        return member_node(answer, "space", domain, space)
    return member_node(answer, "user-profile", domain, profile or "")


def _app(row: Json, node: NodeId) -> Iterator[Shaped]:
    """What an app says of the space or profile that it runs in; one that ended says nothing."""
    kind, name, state = text(row, "AppType"), text(row, "AppName"), text(row, "Status")
    if state is None or state in _ENDED:
        return
    label = f"{kind or 'app'}/{name or ''}"
    spec = member(row, "ResourceSpec")
    settings = {f"app:{label}": state}
    for word, key in (("instance", "InstanceType"), ("image", "SageMakerImageArn")):
        if value := text(spec, key):
            settings[f"{word}:{label}"] = value
    yield Node(node, "Notebook", {"settings": settings})
    for script in (text(spec, "LifecycleConfigArn"), text(row, "BuiltInLifecycleConfigArn")):
        if script is not None and Arn.parse(script) is not None:
            yield script_stub(script)
            yield Edge("EXECUTES", node, NodeId(script))


def shape_apps(answer: Answer) -> Iterator[Shaped]:
    """The apps of the region: no nodes, each speaks for its space or profile."""
    for row in answer.each("Apps"):
        node = _place_of(answer, row)
        if node is None:
            yield Skipped(str(answer.key), "an item of `Apps` names no space and no user profile")
            continue
        yield from _app(row, node)


def shape_app(answer: Answer) -> Iterator[Shaped]:
    """When the app was last used, and the script that it started with.

    Without a user the platform sets the time of use to that of its own last check, which then tells nothing of use.
    # SOURCE: botocore 1.44.8, DescribeAppResponse.LastUserActivityTimestamp
    """
    domain, word, name, *_ = [*answer.argument.split(PART), "", "", ""]
    for page in answer.pages:
        node = _place_of(answer, {"DomainId": domain, word: name, **page})
        if node is None:
            yield Skipped(str(answer.key), "it names no space and no user profile")
            continue
        yield from _app(page, node)
        used, checked = (
            moment(page, member_name)
            for member_name in ("LastUserActivityTimestamp", "LastHealthCheckTimestamp")
        )
        if used is not None and used != checked:
            yield Mention(Link.LAST_USED, node, used)


_LIVE = ("Failed", "InService", "Pending")


def _app_feed(word: str) -> Feed:
    """The apps of spaces, or of profiles; those that are gone stay listed for a while."""
    members = ("DomainId", f"={word}", word, "AppType", "AppName")
    return Feed("sagemaker.list_apps", "Apps", members, where={"Status": _LIVE})


RESOURCES = (
    Resource(
        "aws.studio-domains",
        "The Studio domains of the account.",
        region_call("list_domains", "ListDomains", items="Domains", paginated=True),
        shape_domains,
    ),
    Resource(
        "aws.studio-domain-descriptions",
        "Sign-in, network, key and defaults of a Studio domain.",
        region_call(
            "describe_domain",
            "DescribeDomain",
            params={"DomainId": "{item}"},
            subject=ARN.format(form="domain"),
            feeds=(Feed("sagemaker.list_domains", "Domains.DomainId"),),
        ),
        shape_domain,
    ),
    Resource(
        "aws.studio-profiles",
        "The user profiles of Studio domains.",
        region_call("list_user_profiles", "ListUserProfiles", items="UserProfiles", paginated=True),
        shape_profiles,
    ),
    Resource(
        "aws.studio-profile-descriptions",
        "The role and sign-on of a Studio user profile.",
        region_call(
            "describe_user_profile",
            "DescribeUserProfile",
            params={"DomainId": "{0}", "UserProfileName": "{1}"},
            subject="arn:{partition}:sagemaker:{region}:{account}:user-profile/{part0}/{part1}",
            feeds=(
                Feed(
                    "sagemaker.list_user_profiles", "UserProfiles", ("DomainId", "UserProfileName")
                ),
            ),
        ),
        shape_profile,
    ),
    Resource(
        "aws.studio-spaces",
        "The spaces of Studio domains.",
        region_call("list_spaces", "ListSpaces", items="Spaces", paginated=True),
        shape_spaces,
    ),
    Resource(
        "aws.studio-space-descriptions",
        "The owner, sharing and settings of a Studio space.",
        region_call(
            "describe_space",
            "DescribeSpace",
            params={"DomainId": "{0}", "SpaceName": "{1}"},
            subject="arn:{partition}:sagemaker:{region}:{account}:space/{part0}/{part1}",
            feeds=(Feed("sagemaker.list_spaces", "Spaces", ("DomainId", "SpaceName")),),
        ),
        shape_space,
    ),
    Resource(
        "aws.studio-apps",
        "The apps that run in Studio spaces and profiles.",
        region_call("list_apps", "ListApps", items="Apps", paginated=True),
        shape_apps,
    ),
    Resource(
        "aws.studio-app-descriptions",
        "The last use and start-up script of a Studio app.",
        region_call(
            "describe_app",
            "DescribeApp",
            params={"DomainId": "{0}", "{1}": "{2}", "AppType": "{3}", "AppName": "{4}"},
            feeds=(_app_feed("SpaceName"), _app_feed("UserProfileName")),
        ),
        shape_app,
    ),
)
