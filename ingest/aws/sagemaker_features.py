"""SageMaker feature groups: where their records lie, under which keys, and who may write there for them."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import props, referenced
from ingest.aws.names import account_of, partition_of
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call
from ingest.aws.sagemaker_work import told
from ingest.fields import Json, flag, member, rows, text, word
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped

GROUP = "sagemaker feature group"


def shape_groups(answer: Answer) -> Iterator[Shaped]:
    """The feature groups of the account in the region."""
    listing = Listing("FeatureGroupSummaries", "FeatureGroup", "FeatureStore", GROUP)
    for row in listing.shape(answer):
        if isinstance(row, Node) and row.kind == "FeatureStore":
            # Its state is a setting, which the description tells.
            values = {name: value for name, value in row.props.items() if name != "state"}
            yield Node(row.id, row.kind, values)
        else:
            yield row


def shape_group(answer: Answer) -> Iterator[Shaped]:
    """The stores of the group, their keys and its role.

    Only the first page is asked for: further ones tell more features and nothing else.
    """
    for page in answer.pages[:1]:
        node = NodeId(
            text(page, "FeatureGroupArn") or node_of(answer, "feature-group", answer.argument)
        )
        online = member(page, "OnlineStoreConfig")
        offline = member(page, "OfflineStoreConfig")
        storage = member(offline, "S3StorageConfig")
        place = text(storage, "ResolvedOutputS3Uri") or text(storage, "S3Uri")
        keys = _keys(online, storage)
        yield Node(
            node,
            "FeatureStore",
            props(
                uri=place,
                cmk=False if None in keys.values() else None,
                settings=_settings(page, online, offline) or None,
            ),
        )
        open_part = {"cmk": "false"} if None in keys.values() else {}
        for key in dict.fromkeys(key for key in keys.values() if key):
            yield Mention(Link.KEY, node, key, open_part)
        if place is not None:
            yield Mention(Link.STORED_IN, node, place, {"form": "folder"})
        yield from _table(answer, node, member(offline, "DataCatalogConfig"))


def _keys(online: Json, storage: Json) -> dict[str, str | None]:
    """The key of each store that the group has; None for one that has none of the customer's."""
    keys: dict[str, str | None] = {}
    if flag(online, "EnableOnlineStore"):
        keys["online"] = text(member(online, "SecurityConfig"), "KmsKeyId")
    if storage:
        keys["offline"] = text(storage, "KmsKeyId")
    return keys


def _settings(page: Json, online: Json, offline: Json) -> dict[str, str]:
    storage = member(offline, "S3StorageConfig")
    catalog = member(offline, "DataCatalogConfig")
    features = [
        f"{name}:{text(row, 'FeatureType') or ''}"
        for row in rows(page, "FeatureDefinitions")
        if (name := text(row, "FeatureName"))
    ]
    return told(
        {
            "execution_role": text(page, "RoleArn"),
            "online": word(flag(online, "EnableOnlineStore")),
            "online_key": text(member(online, "SecurityConfig"), "KmsKeyId"),
            "online_type": text(online, "StorageType"),
            "offline": text(storage, "S3Uri"),
            "offline_resolved": text(storage, "ResolvedOutputS3Uri"),
            "offline_key": text(storage, "KmsKeyId"),
            "offline_state": text(member(page, "OfflineStoreStatus"), "Status"),
            "table_format": text(offline, "TableFormat"),
            "table": ".".join(
                part
                for name in ("Catalog", "Database", "TableName")
                if (part := text(catalog, name))
            ),
            "state": text(page, "FeatureGroupStatus"),
            "record": text(page, "RecordIdentifierFeatureName"),
            "event_time": text(page, "EventTimeFeatureName"),
            "features": ",".join(features),
            "description": text(page, "Description"),
        }
    )


def _table(answer: Answer, node: NodeId, catalog: Json) -> Iterator[Shaped]:
    """The catalogue's table over the offline store."""
    database, table = text(catalog, "Database"), text(catalog, "TableName")
    if database is None or table is None:
        return
    partition = partition_of(answer.region)
    # The service writes names with capitals, and the catalogue keeps them in lower case.
    name = f"{database.lower()}/{table.lower()}"
    identifier = f"arn:{partition}:glue:{answer.region}:{answer.account}:table/{name}"
    yield referenced(
        identifier,
        "Dataset",
        account=account_of(identifier),
        region=answer.region,
        name=name.replace("/", "."),
        flavour="table",
    )
    yield Edge("DERIVED_FROM", NodeId(identifier), node)


RESOURCES = (
    Resource(
        "aws.feature-groups",
        "The feature groups of the account.",
        region_call(
            "list_feature_groups",
            "ListFeatureGroups",
            items="FeatureGroupSummaries",
            paginated=True,
        ),
        shape_groups,
    ),
    Resource(
        "aws.feature-group-descriptions",
        "The stores, keys and role of a feature group.",
        region_call(
            "describe_feature_group",
            "DescribeFeatureGroup",
            params={"FeatureGroupName": "{item}"},
            subject=ARN.format(form="feature-group"),
            feeds=(
                Feed("sagemaker.list_feature_groups", "FeatureGroupSummaries.FeatureGroupName"),
            ),
        ),
        shape_group,
    ),
)
