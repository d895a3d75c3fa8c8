"""ECS: clusters, services, and the task definitions that say what a service runs and as whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Edge, Node, NodeId, Row
from ingest.aws.ai_images import ai_image
from ingest.aws.asset import lacking, listed, props, referenced, stated, tag_props
from ingest.aws.images import executed
from ingest.aws.names import account_of
from ingest.estate import Estate
from ingest.fields import Json, flag, member, moment, number, rows, tag_map, text, texts, word
from ingest.source import Answer, Call, Feed, Link, Mention, Resource, Shaped, Skipped

CLUSTER, SERVICE = "ecs cluster", "ecs service"


def _tags(row: Json) -> dict[str, object]:
    if not isinstance(row.get("tags"), list):
        return {}
    return {**tag_props(tag_map(row, "tags", key="key", value="value"))}


def _named(answer: Answer, name: str) -> Iterator[Shaped]:
    if lost := lacking(answer, name):
        yield lost


def shape_clusters(answer: Answer) -> Iterator[Shaped]:
    """The clusters of the account in the region, by ARN alone."""
    yield from _named(answer, "clusterArns")


def shape_services(answer: Answer) -> Iterator[Shaped]:
    """The services of a cluster, by ARN alone."""
    yield from _named(answer, "serviceArns")


def shape_cluster(answer: Answer) -> Iterator[Shaped]:
    """A cluster with how commands that people run in its containers are kept."""
    for row in answer.each("clusters"):
        arn = text(row, "clusterArn")
        if arn is None:
            yield Skipped(str(answer.key), "a cluster has no ARN")
            continue
        command = member(member(row, "configuration"), "executeCommandConfiguration")
        yield from listed(
            arn,
            "Cluster",
            account=answer.account,
            region=answer.region,
            name=text(row, "clusterName"),
            flavour=CLUSTER,
            state=text(row, "status"),
            settings=stated(
                exec_logging=text(command, "logging"),
                exec_key=text(command, "kmsKeyId"),
                capacity_providers=",".join(sorted(texts(row, "capacityProviders"))),
                container_instances=None
                if (held := number(row, "registeredContainerInstancesCount")) is None
                else str(held),
                **{
                    f"setting:{name}": text(item, "value")
                    for item in rows(row, "settings")
                    if (name := text(item, "name"))
                },
            ),
            **_tags(row),  # type: ignore[arg-type]  # properties by name
        )


def shape_service(answer: Answer) -> Iterator[Shaped]:
    """A service: what it runs is in its task definition."""
    for row in answer.each("services"):
        arn = text(row, "serviceArn")
        if arn is None:
            yield Skipped(str(answer.key), "a service has no ARN")
            continue
        network = member(member(row, "networkConfiguration"), "awsvpcConfiguration")
        wanted = number(row, "desiredCount")
        yield from listed(
            arn,
            "Service",
            account=answer.account,
            region=answer.region,
            name=text(row, "serviceName"),
            flavour=SERVICE,
            state=text(row, "status"),
            reruns=None if wanted is None else wanted > 0,
            created=moment(row, "createdAt"),
            settings=stated(
                task_definition=text(row, "taskDefinition"),
                launch_type=text(row, "launchType"),
                desired_count=None if wanted is None else str(wanted),
                exec=word(flag(row, "enableExecuteCommand")),
                public_ip=text(network, "assignPublicIp"),
                subnets=",".join(sorted(texts(network, "subnets"))),
                security_groups=",".join(sorted(texts(network, "securityGroups"))),
                load_balanced=word(bool(row["loadBalancers"]))
                if isinstance(row.get("loadBalancers"), list)
                else None,
                created_by=text(row, "createdBy"),
            ),
            **_tags(row),  # type: ignore[arg-type]  # properties by name
        )
        if cluster := text(row, "clusterArn"):
            yield referenced(cluster, "Cluster", account=account_of(cluster), flavour=CLUSTER)
            yield Edge("MANAGED_BY", NodeId(arn), NodeId(cluster))


def shape_task_definition(answer: Answer) -> Iterator[Shaped]:
    """What tasks of a definition run as and execute; names of variables, never their values."""
    if lost := lacking(answer, "taskDefinition"):
        yield lost
    subject = NodeId(answer.argument)
    for page in answer.pages:
        row = member(page, "taskDefinition")
        yield Mention(Link.TASK_ROLE, subject, text(row, "taskRoleArn") or "", _task(row))
        for container in rows(row, "containerDefinitions"):
            if image := text(container, "image"):
                yield Mention(
                    Link.TASK_IMAGE, subject, image, {"name": text(container, "name") or ""}
                )


def _task(row: Json) -> dict[str, str]:
    """The settings of a task definition, by our names."""
    held = list(rows(row, "containerDefinitions"))
    names = {
        name for one in held for item in rows(one, "environment") if (name := text(item, "name"))
    }
    secrets = {
        source
        for one in held
        for item in rows(one, "secrets")
        if (source := text(item, "valueFrom"))
    }
    privileged = [flag(one, "privileged") for one in held]
    return (
        stated(
            execution_role=text(row, "executionRoleArn"),
            network_mode=text(row, "networkMode"),
            environment=",".join(sorted(names)),
            secrets=",".join(sorted(secrets)),
            privileged="true" if True in privileged else None,
            registered_by=text(row, "registeredBy"),
        )
        or {}
    )


def tasks(estate: Estate) -> Iterator[Row]:
    """What each service runs as and executes, by the task definition that it names."""
    services: dict[str, list[Node]] = defaultdict(list)
    for node in estate.of_kind("Service"):
        settings = node.props.get("settings")
        if isinstance(settings, Mapping) and "task_definition" in settings:
            services[settings["task_definition"]].append(node)
    for mention in estate.mentions(Link.TASK_ROLE):
        for service in services[mention.subject]:
            yield from _runs(service, mention)
    for mention in estate.mentions(Link.TASK_IMAGE):
        for service in services[mention.subject]:
            told = {f"image:{mention.props['name']}": mention.text}
            if kind := ai_image(mention.text):
                told["ai_image"] = kind
            yield Node(service.id, "Service", {"settings": told}, asserted_by=mention.asserted_by)
            yield from executed(service, mention.text, mention.asserted_by, estate)


def _runs(service: Node, mention: Mention) -> Iterator[Row]:
    keys = mention.asserted_by
    yield Node(service.id, "Service", props(settings=dict(mention.props) or None), asserted_by=keys)
    if mention.text:
        stub = referenced(mention.text, "Role", account=account_of(mention.text))
        yield Node(stub.id, "Role", stub.props, asserted_by=keys)
        yield Edge("RUNS_AS", service.id, stub.id, asserted_by=keys)


def _call(method: str, permission: str, **rest: object) -> Call:
    return Call("ecs", method, f"ecs:{permission}", regional=True, **rest)  # type: ignore[arg-type]  # the fields of Call by name


RESOURCES = (
    Resource(
        "aws.ecs-clusters",
        "The ECS clusters of the account.",
        _call("list_clusters", "ListClusters", paginated=True),
        shape_clusters,
    ),
    Resource(
        "aws.ecs-cluster-settings",
        "The settings of an ECS cluster.",
        _call(
            "describe_clusters",
            "DescribeClusters",
            params={
                "clusters": ["{item}"],
                "include": ["CONFIGURATIONS", "SETTINGS", "TAGS"],
            },
            items="clusters",
            feeds=(Feed("ecs.list_clusters", "clusterArns"),),
            subject="{item}",
            tells_tags=True,
        ),
        shape_cluster,
    ),
    Resource(
        "aws.ecs-services",
        "The services of an ECS cluster.",
        _call(
            "list_services",
            "ListServices",
            params={"cluster": "{item}"},
            paginated=True,
            feeds=(Feed("ecs.list_clusters", "clusterArns"),),
            subject="{item}",
        ),
        shape_services,
    ),
    Resource(
        "aws.ecs-service-settings",
        "The settings of an ECS service.",
        _call(
            "describe_services",
            "DescribeServices",
            params={"cluster": "{0}", "services": ["{1}"], "include": ["TAGS"]},
            items="services",
            feeds=(Feed("ecs.list_services", "serviceArns", ("^0", ".")),),
            subject="{part1}",
            tells_tags=True,
            veils=("services.deployments:secrets",),  # options of log drivers
        ),
        shape_service,
    ),
    Resource(
        "aws.ecs-task-definitions",
        "What the tasks of a service run and as whom.",
        _call(
            "describe_task_definition",
            "DescribeTaskDefinition",
            params={"taskDefinition": "{item}"},
            veils=(
                "taskDefinition.containerDefinitions.environment.value",
                "taskDefinition.containerDefinitions:secrets",  # arguments, options of log drivers
            ),
            feeds=(Feed("ecs.describe_services", "services.taskDefinition"),),
            subject="{item}",
        ),
        shape_task_definition,
    ),
)
