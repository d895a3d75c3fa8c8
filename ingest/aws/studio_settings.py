"""What Studio domains, profiles and spaces set, under our names: roles, start-up scripts, idle limits, mounts."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.aws.names import Arn
from ingest.fields import Json, member, rows, text, texts

APPS = ("JupyterServer", "KernelGateway", "CodeEditor", "JupyterLab")
"""The app types that run start-up scripts; their settings are called after them."""

SCRIPT, OFFERED = "script:", "offered_scripts:"
"""What settings call the scripts that an app type runs, and those that its user may choose: `script:JupyterLab`."""

USER, SPACES = "user_", "space_"
"""What the names of a domain's defaults start with: those for its users, and those for its shared spaces."""


def _found(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def user_settings(held: Json) -> dict[str, str]:
    """The settings of a user, a space, or of either by default: the four places share their shape."""
    sharing = member(held, "SharingSettings")
    found = _found(
        execution_role=text(held, "ExecutionRole"),
        security_groups=",".join(texts(held, "SecurityGroups")),
        notebook_output=text(sharing, "NotebookOutputOption"),
        notebook_output_uri=text(sharing, "S3OutputPath"),
        notebook_output_key=text(sharing, "S3KmsKeyId"),
        session_name=text(member(held, "StudioWebPortalSettings"), "ExecutionRoleSessionNameMode"),
    )
    for app in APPS:
        found |= _app_settings(app, member(held, f"{app}AppSettings"))
    return found


def _app_settings(app: str, held: Json) -> dict[str, str]:
    started = (
        text(held, "BuiltInLifecycleConfigArn"),
        text(member(held, "DefaultResourceSpec"), "LifecycleConfigArn"),
    )
    idle = member(member(held, "AppLifecycleManagement"), "IdleSettings")
    minutes = idle.get("IdleTimeoutInMinutes")
    repositories = (text(row, "RepositoryUrl") for row in rows(held, "CodeRepositories"))
    values = {
        f"{SCRIPT}{app}": _arns(*started),
        f"{OFFERED}{app}": _arns(*texts(held, "LifecycleConfigArns")),
        f"idle_shutdown:{app}": text(idle, "LifecycleManagement"),
        f"idle_minutes:{app}": str(minutes) if isinstance(minutes, int) else None,
        f"code_repositories:{app}": ",".join(url for url in repositories if url),
    }
    return {name: value for name, value in values.items() if value}


def _arns(*names: str | None) -> str:
    """The ARNs among these, in order; the platform writes the word None for no script."""
    return ",".join(dict.fromkeys(name for name in names if name and Arn.parse(name) is not None))


def setting_places(held: Json) -> Iterator[str]:
    """The S3 URIs that a user's or space's settings name: shared notebook output and mounted buckets."""
    if output := text(member(held, "SharingSettings"), "S3OutputPath"):
        yield output
    mounts = (
        *(member(row, "S3FileSystemConfig") for row in rows(held, "CustomFileSystemConfigs")),
        *(member(row, "S3FileSystem") for row in rows(held, "CustomFileSystems")),
    )
    for mount in mounts:
        if uri := text(mount, "S3Uri"):
            yield uri


def domain_settings(page: Json) -> dict[str, str]:
    """What a domain sets for itself, its users and its shared spaces."""
    own = member(page, "DomainSettings")
    docker = member(own, "DockerSettings")
    found = _found(
        auth_mode=text(page, "AuthMode"),
        network=text(page, "AppNetworkAccessType"),
        vpc=text(page, "VpcId"),
        subnets=",".join(texts(page, "SubnetIds")),
        security_groups=",".join(texts(own, "SecurityGroupIds")),
        boundary_security_group=text(page, "SecurityGroupIdForDomainBoundary"),
        home_file_system=text(page, "HomeEfsFileSystemId"),
        sso_instance=text(page, "SingleSignOnManagedApplicationInstanceId"),
        sso_application=text(page, "SingleSignOnApplicationArn"),
        role_identity=text(own, "ExecutionRoleIdentityConfig"),
        docker=text(docker, "EnableDockerAccess"),
        docker_accounts=",".join(texts(docker, "VpcOnlyTrustedAccounts")),
        identity_propagation=text(member(own, "TrustedIdentityPropagationSettings"), "Status"),
        url=text(page, "Url"),
    )
    users = user_settings(member(page, "DefaultUserSettings"))
    spaces = user_settings(member(page, "DefaultSpaceSettings"))
    return (
        found
        | {f"{USER}{name}": value for name, value in users.items()}
        | {f"{SPACES}{name}": value for name, value in spaces.items()}
    )
