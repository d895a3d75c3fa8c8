"""What SageMaker runs beside models: MLflow servers and apps, apps of partners, and hubs of shared models."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import listed, props
from ingest.aws.makers import made, maker_owner, maker_settings
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call, runs_as
from ingest.fields import Json, flag, moment, text, texts, word
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped, Skipped

MLFLOW_SERVER = "sagemaker mlflow tracking server"
MLFLOW_APP = "sagemaker mlflow app"
PARTNER_APP = "sagemaker partner app"
HUB = "sagemaker hub"
_GONE = frozenset({"Deleting", "Deleted", "CreateFailed", "Failed"})


def _set(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _reruns(state: str | None) -> bool | None:
    """Whether the service runs, or is started again."""
    return None if state is None else state not in _GONE


def shape_servers(answer: Answer) -> Iterator[Shaped]:
    """The MLflow tracking servers of the account in the region."""
    items = "TrackingServerSummaries"
    yield from Listing(items, "TrackingServer", "Service", MLFLOW_SERVER).shape(answer)
    for row in answer.each(items):
        arn, settings = text(row, "TrackingServerArn"), _set(active=text(row, "IsActive"))
        if arn is not None and settings:
            yield Node(NodeId(arn), "Service", {"settings": settings})


def _described(node: NodeId, page: Json, state: str | None, **more: str | None) -> Iterator[Shaped]:
    """What servers and apps have in common: role, artefact store, and who made them."""
    settings = maker_settings(page) | _set(**more, artifact_store=text(page, "ArtifactStoreUri"))
    yield Node(
        node,
        "Service",
        props(
            state=state,
            reruns=_reruns(state),
            settings=settings or None,
            **maker_owner(page),
        ),
    )
    if role := text(page, "RoleArn") or text(page, "ExecutionRoleArn"):
        yield from runs_as(node, role)
    if uri := text(page, "ArtifactStoreUri"):
        yield Mention(Link.NAMES, node, uri, {"form": "folder"})
    yield from made(node, page)


def _sealed(node: NodeId, page: Json) -> Iterator[Shaped]:
    """The key of an app; tracking servers take none."""
    if key := text(page, "KmsKeyId"):
        yield Mention(Link.KEY, node, key)
    else:
        yield Node(node, "Service", {"cmk": False})


def shape_server(answer: Answer) -> Iterator[Shaped]:
    """As whom a tracking server works, where it stores artefacts, and whether it registers models by itself."""
    for page in answer.pages:
        arn = text(page, "TrackingServerArn")
        yield from _described(
            NodeId(arn or node_of(answer, "mlflow-tracking-server", answer.argument)),
            page,
            text(page, "TrackingServerStatus"),
            active=text(page, "IsActive"),
            url=text(page, "TrackingServerUrl"),
            version=text(page, "MlflowVersion"),
            registers_models=word(flag(page, "AutomaticModelRegistration")),
            bucket_owner=text(page, "S3BucketOwnerAccountId"),
            bucket_owner_verified=word(flag(page, "S3BucketOwnerVerification")),
        )


def _summaries(answer: Answer, flavour: str) -> Iterator[Shaped]:
    """Apps of a listing whose members carry no word of their own: `Arn`, `Name`, `Status`."""
    for row in answer.each("Summaries"):
        arn, state = text(row, "Arn"), text(row, "Status")
        if arn is None:
            yield Skipped(str(answer.key), "an item of `Summaries` has no `Arn`")
            continue
        yield from listed(
            arn,
            "Service",
            account=answer.account,
            region=answer.region,
            name=text(row, "Name"),
            flavour=flavour,
            state=state,
            reruns=_reruns(state),
            created=moment(row, "CreationTime"),
            last_changed=moment(row, "LastModifiedTime"),
            settings=_set(type=text(row, "Type")) or None,
        )


def shape_mlflow_apps(answer: Answer) -> Iterator[Shaped]:
    """The MLflow apps of the account in the region."""
    yield from _summaries(answer, MLFLOW_APP)


def shape_mlflow_app(answer: Answer) -> Iterator[Shaped]:
    """As whom an MLflow app works, and where it stores artefacts."""
    for page in answer.pages:
        mode = text(page, "ModelRegistrationMode")
        node = NodeId(answer.argument)
        yield from _sealed(node, page)
        yield from _described(
            node,
            page,
            text(page, "Status"),
            version=text(page, "MlflowVersion"),
            registers_models=None if mode is None else word(mode == "AutoModelRegistrationEnabled"),
            default_of=",".join(texts(page, "DefaultDomainIdList")),
        )


def shape_partner_apps(answer: Answer) -> Iterator[Shaped]:
    """The apps of partners that the account runs in the region."""
    yield from _summaries(answer, PARTNER_APP)


def shape_partner_app(answer: Answer) -> Iterator[Shaped]:
    """As whom a partner's app works, and how people sign in to it."""
    for page in answer.pages:
        node = NodeId(answer.argument)
        yield from _sealed(node, page)
        yield from _described(
            node,
            page,
            text(page, "Status"),
            url=text(page, "BaseUrl"),
            auth_mode=text(page, "AuthType"),
            session_identity=word(flag(page, "EnableIamSessionBasedIdentity")),
        )


def shape_hubs(answer: Answer) -> Iterator[Shaped]:
    """The hubs of shared models in the region."""
    for row in answer.each("HubSummaries"):
        arn = text(row, "HubArn")
        if arn is None:
            yield Skipped(str(answer.key), "an item of `HubSummaries` has no `HubArn`")
            continue
        settings = _set(
            flavour=HUB, state=text(row, "HubStatus"), description=text(row, "HubDescription")
        )
        yield from listed(
            arn,
            "Registry",
            account=answer.account,
            region=answer.region,
            name=text(row, "HubDisplayName") or text(row, "HubName"),
            created=moment(row, "CreationTime"),
            last_changed=moment(row, "LastModifiedTime"),
            settings=settings,
        )


RESOURCES = (
    Resource(
        "aws.mlflow-servers",
        "The MLflow tracking servers of the account.",
        region_call(
            "list_mlflow_tracking_servers",
            "ListMlflowTrackingServers",
            items="TrackingServerSummaries",
            paginated=True,
        ),
        shape_servers,
    ),
    Resource(
        "aws.mlflow-server-descriptions",
        "The role and artefact store of an MLflow tracking server.",
        region_call(
            "describe_mlflow_tracking_server",
            "DescribeMlflowTrackingServer",
            params={"TrackingServerName": "{item}"},
            subject=ARN.format(form="mlflow-tracking-server"),
            feeds=(
                Feed(
                    "sagemaker.list_mlflow_tracking_servers",
                    "TrackingServerSummaries.TrackingServerName",
                ),
            ),
        ),
        shape_server,
    ),
    Resource(
        "aws.mlflow-apps",
        "The MLflow apps of the account.",
        region_call("list_mlflow_apps", "ListMlflowApps", items="Summaries", paginated=True),
        shape_mlflow_apps,
    ),
    Resource(
        "aws.mlflow-app-descriptions",
        "The role and artefact store of an MLflow app.",
        region_call(
            "describe_mlflow_app",
            "DescribeMlflowApp",
            params={"Arn": "{item}"},
            subject="{item}",
            feeds=(Feed("sagemaker.list_mlflow_apps", "Summaries.Arn"),),
        ),
        shape_mlflow_app,
    ),
    Resource(
        "aws.partner-apps",
        "The apps of partners that the account runs.",
        region_call("list_partner_apps", "ListPartnerApps", items="Summaries", paginated=True),
        shape_partner_apps,
    ),
    Resource(
        "aws.partner-app-descriptions",
        "The role and sign-in of a partner's app.",
        region_call(
            "describe_partner_app",
            "DescribePartnerApp",
            params={"Arn": "{item}"},
            subject="{item}",
            feeds=(Feed("sagemaker.list_partner_apps", "Summaries.Arn"),),
            veils=("ApplicationConfig.Arguments:secrets",),
        ),
        shape_partner_app,
    ),
    Resource(
        "aws.model-hubs",
        "The hubs of shared models of the account.",
        region_call(
            "list_hubs", "ListHubs", items="HubSummaries", token=("NextToken", "NextToken")
        ),
        shape_hubs,
    ),
)
