"""Disks and file systems that services of machine learning made: whose they are, and whether anything still uses them.

Others are no assets of an AI estate and are left out: an account holds thousands of disks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graph.model import NodeId
from ingest.aws.asset import listed, stated, tag_props
from ingest.aws.names import partition_of
from ingest.fields import Json, flag, moment, rows, tag_map, text, word
from ingest.source import Answer, Call, Link, Mention, Resource, Shaped, Skipped

FILES, DISK = "efs file system", "ebs volume"
MADE_FOR = "ManagedByAmazonSageMakerResource"
"""The tag by which SageMaker names the domain that a file system was made for."""
_OF_ML = re.compile(
    r"sagemaker|bedrock|kubeflow|jupyter|mlflow|notebook|training-job", re.IGNORECASE
)
_GONE = frozenset({"deleting", "deleted"})


def _of_ml(name: str, tags: Mapping[str, str]) -> bool:
    """Whether a service or tool of machine learning is named in the name or in the tags."""
    return any(_OF_ML.search(word) for word in (name, *tags, *tags.values()))


def shape_file_systems(answer: Answer) -> Iterator[Shaped]:
    """The file systems of notebooks and Studio, with the domain that each was made for."""
    for row in answer.each("FileSystems"):
        identifier = text(row, "FileSystemId")
        if identifier is None:
            yield Skipped(str(answer.key), "a file system has no id")
            continue
        tags, name = tag_map(row, "Tags"), text(row, "Name") or ""
        if text(row, "LifeCycleState") not in _GONE and _of_ml(name, tags):
            yield from _file_system(answer, row, identifier, tags)


def _file_system(
    answer: Answer, row: Json, identifier: str, tags: Mapping[str, str]
) -> Iterator[Shaped]:
    owner = text(row, "OwnerId") or answer.account
    place = f"{partition_of(answer.region)}:elasticfilesystem:{answer.region}:{owner}"
    node = NodeId(text(row, "FileSystemArn") or f"arn:{place}:file-system/{identifier}")
    mounts = row.get("NumberOfMountTargets")
    yield from listed(
        node,
        "Dataset",
        account=owner,
        region=answer.region,
        name=text(row, "Name") or identifier,
        flavour=FILES,
        created=moment(row, "CreationTime"),
        settings=stated(
            state=text(row, "LifeCycleState"),
            mount_targets=str(mounts)
            if isinstance(mounts, int) and not isinstance(mounts, bool)
            else None,
            encrypted=word(flag(row, "Encrypted")),
            made_for=tags.get(MADE_FOR),
        ),
        **tag_props(dict(tags)),
    )
    if key := text(row, "KmsKeyId"):
        yield Mention(Link.KEY, node, key)


def shape_volumes(answer: Answer) -> Iterator[Shaped]:
    """The disks of machine learning, and what each is attached to."""
    for row in answer.each("Volumes"):
        identifier = text(row, "VolumeId")
        if identifier is None:
            yield Skipped(str(answer.key), "a volume has no id")
            continue
        tags = tag_map(row, "Tags")
        if text(row, "State") not in _GONE and _of_ml(tags.get("Name", ""), tags):
            yield from _volume(answer, row, identifier, tags)


def _volume(
    answer: Answer, row: Json, identifier: str, tags: Mapping[str, str]
) -> Iterator[Shaped]:
    owner = text(row, "OwnerId") or answer.account
    place = f"{partition_of(answer.region)}:ec2:{answer.region}:{owner}"
    node = NodeId(text(row, "VolumeArn") or f"arn:{place}:volume/{identifier}")
    size = row.get("Size")
    held = sorted(one for item in rows(row, "Attachments") if (one := text(item, "InstanceId")))
    yield from listed(
        node,
        "Dataset",
        account=owner,
        region=answer.region,
        name=tags.get("Name") or identifier,
        flavour=DISK,
        created=moment(row, "CreateTime"),
        settings=stated(
            state=text(row, "State"),
            attached_to=",".join(held) or None,
            gib=str(size) if isinstance(size, int) else None,
            encrypted=word(flag(row, "Encrypted")),
        ),
        **tag_props(dict(tags)),
    )
    if key := text(row, "KmsKeyId"):
        yield Mention(Link.KEY, node, key)


RESOURCES = (
    Resource(
        "aws.file-systems",
        "The EFS file systems that services of machine learning made.",
        Call(
            "efs",
            "describe_file_systems",
            "elasticfilesystem:DescribeFileSystems",
            regional=True,
            items="FileSystems",
            paginated=True,
            tells_tags=True,
        ),
        shape_file_systems,
    ),
    Resource(
        "aws.volumes",
        "The EBS volumes that services of machine learning made.",
        Call(
            "ec2",
            "describe_volumes",
            "ec2:DescribeVolumes",
            regional=True,
            items="Volumes",
            paginated=True,
            tells_tags=True,
        ),
        shape_volumes,
    ),
)
