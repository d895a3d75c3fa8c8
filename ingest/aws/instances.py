"""EC2: instances, the roles that they and launch templates carry, and how their metadata service hands out credentials."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from graph.model import Edge, Node, NodeId, Row
from ingest.aws.asset import listed, stated, tag_props
from ingest.aws.names import account_of, partition_of
from ingest.estate import Estate
from ingest.fields import Json, member, moment, rows, tag_map, text
from ingest.source import Answer, Call, Link, Resource, Shaped, Skipped

FLAVOUR = "ec2 instance"
_GONE = frozenset({"terminated", "shutting-down"})
_RESTARTABLE = frozenset({"pending", "running", "stopping", "stopped"})


def shape_instances(answer: Answer) -> Iterator[Shaped]:
    """The instances of the account in the region; one that was terminated is gone already."""
    for reservation in answer.each("Reservations"):
        owner = text(reservation, "OwnerId") or answer.account
        for row in rows(reservation, "Instances"):
            identifier = text(row, "InstanceId")
            if identifier is None:
                yield Skipped(str(answer.key), "an instance has no id")
            elif text(member(row, "State"), "Name") not in _GONE:
                yield from _instance(answer, row, identifier, owner)


def _instance(answer: Answer, row: Json, identifier: str, owner: str) -> Iterator[Shaped]:
    place = f"{partition_of(answer.region)}:ec2:{answer.region}:{owner}"
    tags = tag_map(row, "Tags") if isinstance(row.get("Tags"), list) else None
    state = text(member(row, "State"), "Name")
    yield from listed(
        f"arn:{place}:instance/{identifier}",
        "VirtualMachine",
        account=owner,
        region=answer.region,
        name=(tags or {}).get("Name") or identifier,
        flavour=FLAVOUR,
        state=state,
        reruns=None if state is None else state in _RESTARTABLE,
        created=moment(row, "LaunchTime"),
        internet_reachable=True if _public(row) else None,
        settings=_settings(row),
        **({} if tags is None else tag_props(tags)),
    )


def _public(row: Json) -> str | None:
    """The public address; none is told of an instance that is stopped, so that none says nothing."""
    if address := text(row, "PublicIpAddress"):
        return address
    held = (
        text(member(interface, "Association"), "PublicIp")
        for interface in rows(row, "NetworkInterfaces")
    )
    return next((address for address in held if address), None)


def _settings(row: Json) -> dict[str, str] | None:
    metadata = member(row, "MetadataOptions")
    hops = metadata.get("HttpPutResponseHopLimit")
    return stated(
        instance_profile=text(member(row, "IamInstanceProfile"), "Arn"),
        metadata_tokens=text(metadata, "HttpTokens"),
        metadata_endpoint=text(metadata, "HttpEndpoint"),
        metadata_hops=str(hops) if isinstance(hops, int) and not isinstance(hops, bool) else None,
        public_ip=_public(row),
        image=text(row, "ImageId"),
        instance_type=text(row, "InstanceType"),
        vpc=text(row, "VpcId"),
        subnet=text(row, "SubnetId"),
        security_groups=",".join(
            sorted(
                group for item in rows(row, "SecurityGroups") if (group := text(item, "GroupId"))
            )
        ),
        ssh_key=text(row, "KeyName"),
    )


def profiled(estate: Estate) -> Iterator[Row]:
    """The role of each instance and launch template, by the instance profile that both name: its ARN, or its name alone.

    Asserted by what lists the roles: an instance that was not asked about again keeps its role.
    """
    instances: dict[str, list[NodeId]] = defaultdict(list)
    for node in estate.of_kind("VirtualMachine"):
        settings = node.props.get("settings")
        if isinstance(settings, Mapping) and "instance_profile" in settings:
            instances[_profile(node, settings["instance_profile"])].append(node.id)
    for mention in estate.mentions(Link.PROFILE):
        short = f"{account_of(mention.text)}/{mention.text.rpartition('/')[2]}"
        for instance in (*instances[mention.text], *instances[short]):
            yield Edge("RUNS_AS", instance, mention.subject, asserted_by=mention.asserted_by)


def _profile(node: Node, told: str) -> str:
    """The profile's ARN, or its account and name where a template gives the name alone."""
    return told if told.startswith("arn:") else f"{node.props.get('account')}/{told}"


RESOURCES = (
    Resource(
        "aws.instances",
        "The EC2 instances of the account.",
        Call(
            "ec2",
            "describe_instances",
            "ec2:DescribeInstances",
            regional=True,
            items="Reservations",
            paginated=True,
            tells_tags=True,
        ),
        shape_instances,
    ),
)
