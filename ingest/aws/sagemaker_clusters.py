"""SageMaker HyperPod clusters: the roles of their instance groups, and the scripts that instances start with."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model import NodeId
from ingest.aws.sagemaker import ARN, Listing, node_of, region_call
from ingest.aws.sagemaker_work import Port, Work, count
from ingest.fields import Json, member, rows, text, texts
from ingest.source import Answer, Feed, Link, Mention, Resource, Shaped

CLUSTER = "sagemaker hyperpod cluster"
GONE = frozenset({"Deleting", "Failed"})


def shape_clusters(answer: Answer) -> Iterator[Shaped]:
    """The clusters of the account in the region."""
    yield from Listing("ClusterSummaries", "Cluster", "Cluster", CLUSTER).shape(answer)


def shape_cluster(answer: Answer) -> Iterator[Shaped]:
    """What the cluster's instances run when they start, as whom, in which network."""
    for page in answer.pages:
        node = text(page, "ClusterArn") or node_of(answer, "cluster", answer.argument)
        state = text(page, "ClusterStatus")
        groups = [*rows(page, "InstanceGroups"), *rows(page, "RestrictedInstanceGroups")]
        roles = [text(page, "ClusterRole"), *(text(row, "ExecutionRole") for row in groups)]
        keys = _keys(groups)
        yield from Work(
            NodeId(node),
            "Cluster",
            state=state,
            # An instance that is replaced or scaled out starts with the scripts anew.
            reruns=None if state is None else state not in GONE,
            roles=tuple(role for role in roles if role),
            volume_key=keys[0] if keys and len(keys) == len(groups) else None,
            network=page,
            code=tuple(port for row in groups for port in _scripts(row)),
            settings=_settings(page, groups),
            tells_key=bool(groups),
        ).rows()
        if keys and len(keys) != len(groups):
            for key in keys:
                yield Mention(Link.KEY, NodeId(node), key, {"cmk": "false"})


def _keys(groups: list[Json]) -> list[str]:
    """The volume keys of the groups, one for each that names one."""
    found = []
    for row in groups:
        volumes = [
            member(config, "EbsVolumeConfig") for config in rows(row, "InstanceStorageConfigs")
        ]
        key = next((key for volume in volumes if (key := text(volume, "VolumeKmsKeyId"))), None)
        if key is not None:
            found.append(key)
    return found


def _scripts(group: Json) -> Iterator[Port]:
    config = member(group, "LifeCycleConfig")
    source = text(config, "SourceS3Uri")
    name = text(group, "InstanceGroupName") or "group"
    for hook in ("OnCreate", "OnInitComplete"):
        script = text(config, hook)
        if source is not None and script is not None:
            yield Port(f"{name}.{hook}", f"{source.rstrip('/')}/{script}", "object")


def _settings(page: Json, groups: list[Json]) -> dict[str, str | None]:
    orchestrator = member(page, "Orchestrator")
    slurm = member(member(orchestrator, "Slurm"), "AccountingDatabase")
    held: dict[str, str | None] = {
        "eks_cluster": text(member(orchestrator, "Eks"), "ClusterArn"),
        "accounting_secret": text(slurm, "SecretArn"),
        "node_recovery": text(page, "NodeRecovery"),
        "groups": ",".join(name for row in groups if (name := text(row, "InstanceGroupName"))),
    }
    for at, row in enumerate(groups):
        name = text(row, "InstanceGroupName") or str(at)
        own = member(row, "OverrideVpcConfig")
        held[f"instance_type:{name}"] = text(row, "InstanceType")
        held[f"instance_count:{name}"] = count(row, "CurrentCount")
        held[f"image:{name}"] = text(row, "CurrentImageId")
        held[f"subnets:{name}"] = ",".join(texts(own, "Subnets"))
        held[f"security_groups:{name}"] = ",".join(texts(own, "SecurityGroupIds"))
    return held


RESOURCES = (
    Resource(
        "aws.clusters",
        "The HyperPod clusters of the account.",
        region_call("list_clusters", "ListClusters", items="ClusterSummaries", paginated=True),
        shape_clusters,
    ),
    Resource(
        "aws.cluster-descriptions",
        "The roles, scripts and network of a HyperPod cluster.",
        region_call(
            "describe_cluster",
            "DescribeCluster",
            params={"ClusterName": "{item}"},
            subject=ARN.format(form="cluster"),
            feeds=(Feed("sagemaker.list_clusters", "ClusterSummaries.ClusterName"),),
        ),
        shape_cluster,
    ),
)
