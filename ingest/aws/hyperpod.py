"""SageMaker HyperPod clusters: as whom their nodes work, and the scripts that set these up."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import Edge, Node, NodeId
from ingest.aws.asset import props
from ingest.aws.sagemaker import Listing, region_call, runs_as
from ingest.fields import Json, member, rows, text, texts
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped

CLUSTER = "sagemaker hyperpod cluster"
SCRIPT = "hyperpod lifecycle script"
_GONE = frozenset({"Deleting", "Failed"})
GROUPS = ("InstanceGroups", "RestrictedInstanceGroups")


def shape_clusters(answer: Answer) -> Iterator[Shaped]:
    """The HyperPod clusters of the account in the region."""
    yield from Listing("ClusterSummaries", "Cluster", "Cluster", CLUSTER).shape(answer)


def shape_cluster(answer: Answer) -> Iterator[Shaped]:
    """The roles, scripts, network and volumes of the cluster's instance groups."""
    for page in answer.pages:
        node = NodeId(text(page, "ClusterArn") or answer.argument)
        state = text(page, "ClusterStatus")
        groups = [group for name in GROUPS for group in rows(page, name)]
        volumes = [
            member(config, "EbsVolumeConfig")
            for group in groups
            for config in rows(group, "InstanceStorageConfigs")
            if "EbsVolumeConfig" in config
        ]
        keys = list(dict.fromkeys(key for row in volumes if (key := text(row, "VolumeKmsKeyId"))))
        yield Node(
            node,
            "Cluster",
            props(
                state=state,
                # A node that fails, or that is added, is set up by the scripts as they then are.
                reruns=None if state is None else state not in _GONE,
                private_only=True if member(page, "VpcConfig") else None,
                cmk=False if volumes and not keys else None,
                settings=_settings(page, groups) or None,
            ),
        )
        roles = (text(group, "ExecutionRole") for group in groups)
        for role in dict.fromkeys(role for role in roles if role):
            yield from runs_as(node, role)
        for key in keys:
            yield Mention(Link.KEY, node, key)
        for group in groups:
            yield from _scripts(group, node)
            if output := text(member(group, "EnvironmentConfig"), "S3OutputPath"):
                yield Mention(Link.NAMES, node, output, {"form": "folder"})


def _settings(page: Json, groups: list[Json]) -> dict[str, str]:
    vpc = member(page, "VpcConfig")
    orchestrator = member(page, "Orchestrator")
    held = {
        "subnets": ",".join(texts(vpc, "Subnets")),
        "security_groups": ",".join(texts(vpc, "SecurityGroupIds")),
        "cluster_role": text(page, "ClusterRole"),
        "eks": text(member(orchestrator, "Eks"), "ClusterArn"),
        "node_recovery": text(page, "NodeRecovery"),
    }
    for at, group in enumerate(groups):
        name = text(group, "InstanceGroupName") or str(at)
        held[f"instance:{name}"] = text(group, "InstanceType")
        held[f"execution_role:{name}"] = text(group, "ExecutionRole")
    return {name: value for name, value in held.items() if value}


def _scripts(group: Json, node: NodeId) -> Iterator[Shaped]:
    """The scripts that set up a node of the group: files in a folder, and so whatever lies there then."""
    config = member(group, "LifeCycleConfig")
    source = text(config, "SourceS3Uri")
    names = dict.fromkeys(text(config, name) for name in ("OnCreate", "OnInitComplete"))
    for name in names:
        if source is None or name is None or not source.startswith("s3://"):
            continue
        uri = f"{source.rstrip('/')}/{name}"
        code = NodeId(uri)
        yield Node(code, "Code", props(name=name, platform="aws", flavour=SCRIPT, uri=uri))
        yield Edge("EXECUTES", node, code)
        yield Mention(Link.STORED_IN, code, uri, {"form": "object"})


RESOURCES = (
    Resource(
        "aws.hyperpod-clusters",
        "The HyperPod clusters of the account.",
        region_call("list_clusters", "ListClusters", items="ClusterSummaries", paginated=True),
        shape_clusters,
    ),
    Resource(
        "aws.hyperpod-cluster-descriptions",
        "The roles and scripts of a HyperPod cluster.",
        region_call(
            "describe_cluster",
            "DescribeCluster",
            params={"ClusterName": "{item}"},
            subject="{item}",
            feeds=(Feed("sagemaker.list_clusters", "ClusterSummaries.ClusterArn"),),
        ),
        shape_cluster,
    ),
)
