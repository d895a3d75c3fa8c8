"""EC2: launch templates as their default version says, and the Auto Scaling groups that start instances from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graph.model import Node, NodeId
from ingest.aws.asset import listed, props, stated
from ingest.aws.names import partition_of
from ingest.aws.s3_flows import TRIGGER
from ingest.fields import Json, member, moment, rows, text
from ingest.source import Answer, Call, Resource, Shaped, Skipped

FLAVOUR = "launch template"
LATEST = "$Latest"
_FOLLOWING = frozenset({None, "$Default", LATEST})


def _arn(answer: Answer, identifier: str) -> NodeId:
    place = f"{partition_of(answer.region)}:ec2:{answer.region}:{answer.account}"
    return NodeId(f"arn:{place}:launch-template/{identifier}")


def shape_versions(answer: Answer) -> Iterator[Shaped]:
    """The default version of each launch template: what an instance that is started from it runs as."""
    for row in answer.each("LaunchTemplateVersions"):
        identifier = text(row, "LaunchTemplateId")
        if identifier is None:
            yield Skipped(str(answer.key), "a launch template has no id")
            continue
        yield from listed(
            _arn(answer, identifier),
            "VirtualMachine",
            account=answer.account,
            region=answer.region,
            name=text(row, "LaunchTemplateName") or identifier,
            flavour=FLAVOUR,
            last_changed=moment(row, "CreateTime"),
            settings=_settings(row),
        )


def _settings(row: Json) -> dict[str, str] | None:
    data = member(row, "LaunchTemplateData")
    profile, metadata = member(data, "IamInstanceProfile"), member(data, "MetadataOptions")
    version = row.get("VersionNumber")
    return stated(
        instance_profile=text(profile, "Arn") or text(profile, "Name"),
        image=text(data, "ImageId"),
        instance_type=text(data, "InstanceType"),
        metadata_tokens=text(metadata, "HttpTokens"),
        ssh_key=text(data, "KeyName"),
        version=str(version) if isinstance(version, int) else None,
    )


def shape_groups(answer: Answer) -> Iterator[Shaped]:
    """Which launch templates start instances by themselves: those that a group follows, and whether by the latest version.

    A group that names a version by number follows nothing.
    """
    following: dict[str, dict[str, bool]] = defaultdict(dict)
    for group in answer.each("AutoScalingGroups"):
        name = text(group, "AutoScalingGroupName")
        if name is None:
            yield Skipped(str(answer.key), "an Auto Scaling group has no name")
            continue
        for template, version in _named(group):
            if version in _FOLLOWING:
                following[template][name] = version == LATEST
    for template, groups in sorted(following.items()):
        told = {f"{TRIGGER}auto scaling group {name}": "starts instances" for name in groups}
        settings = stated(**told, follows_latest=str(any(groups.values())).lower())
        yield Node(_arn(answer, template), "VirtualMachine", props(settings=settings))


def _named(group: Json) -> Iterator[tuple[str, str | None]]:
    """(id, version) of the templates that the group starts instances from."""
    mixed = member(member(group, "MixedInstancesPolicy"), "LaunchTemplate")
    named = [member(group, "LaunchTemplate"), member(mixed, "LaunchTemplateSpecification")]
    named += [member(one, "LaunchTemplateSpecification") for one in rows(mixed, "Overrides")]
    for one in named:
        identifier = text(one, "LaunchTemplateId")
        if identifier is not None:
            yield identifier, text(one, "Version")


RESOURCES = (
    Resource(
        "aws.launch-templates",
        "The launch templates of the account, by their default versions.",
        Call(
            "ec2",
            "describe_launch_template_versions",
            "ec2:DescribeLaunchTemplateVersions",
            params={"Versions": ["$Default"]},
            regional=True,
            items="LaunchTemplateVersions",
            paginated=True,
        ),
        shape_versions,
    ),
    Resource(
        "aws.auto-scaling-groups",
        "The Auto Scaling groups of the account, as what starts instances from launch templates.",
        Call(
            "autoscaling",
            "describe_auto_scaling_groups",
            "autoscaling:DescribeAutoScalingGroups",
            regional=True,
            items="AutoScalingGroups",
            paginated=True,
        ),
        shape_groups,
    ),
)
