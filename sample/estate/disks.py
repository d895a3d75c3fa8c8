"""Disks and file systems of machine learning: some are used, some were left over when what they were made for went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sample.estate.names import DEV, PROD, REGION, hexdigest, when
from sample.estate.policy import Json
from sample.estate.snapshot import Call

_DAYS = 400


@dataclass(frozen=True, slots=True)
class Disk:
    """A volume, or a file system; `left` says that nothing uses it any more."""

    account: str
    name: str
    files: bool
    left: bool

    @property
    def id(self) -> str:
        """The platform's own id."""
        return f"{'fs' if self.files else 'vol'}-0{hexdigest(self.name + self.account, 16)}"

    @property
    def arn(self) -> str:
        """The ARN."""
        place = f"{REGION}:{self.account}"
        if self.files:
            return f"arn:aws:elasticfilesystem:{place}:file-system/{self.id}"
        return f"arn:aws:ec2:{place}:volume/{self.id}"


DISKS = (
    Disk(PROD, "jupyter-shared-home", files=True, left=False),
    Disk(PROD, "studio-home-retired", files=True, left=True),
    Disk(PROD, "mlflow-artifacts-cache", files=False, left=False),
    Disk(PROD, "sagemaker-bench-scratch", files=False, left=True),
    Disk(DEV, "kubeflow-notebooks", files=True, left=False),
    Disk(DEV, "jupyter-trial-2024", files=False, left=True),
)


def of_account(account: str) -> tuple[Disk, ...]:
    """The disks and file systems of the account."""
    return tuple(disk for disk in DISKS if disk.account == account)


def calls(account: str) -> Iterator[Call]:
    """The answers that list them; a disk of something else is among them, and is no asset."""
    held = of_account(account)
    files: list[Json] = [_file_system(disk) for disk in held if disk.files]
    volumes: list[Json] = [_volume(disk) for disk in held if not disk.files]
    volumes.append(_volume(Disk(account, "erp-database", files=False, left=False)))
    yield Call(account, REGION, "efs.describe_file_systems", "", {}, ({"FileSystems": files},), len(files))  # fmt: skip
    yield Call(account, REGION, "ec2.describe_volumes", "", {}, ({"Volumes": volumes},), len(volumes))  # fmt: skip


def _tags(disk: Disk) -> list[Json]:
    return [{"Key": "Name", "Value": disk.name}, {"Key": "owner", "Value": "ml-platform@example.com"}]  # fmt: skip


def _file_system(disk: Disk) -> Json:
    domain = f"arn:aws:sagemaker:{REGION}:{disk.account}:domain/d-{hexdigest(disk.name, 12)}"
    made_for = {"Key": "ManagedByAmazonSageMakerResource", "Value": domain}
    return {
        "OwnerId": disk.account,
        "CreationToken": disk.name,
        "FileSystemId": disk.id,
        "FileSystemArn": disk.arn,
        "CreationTime": when(_DAYS, disk.arn),
        "LifeCycleState": "available",
        "Name": disk.name,
        "NumberOfMountTargets": 0 if disk.left else 3,
        "SizeInBytes": {"Value": 48_318_382_080},
        "PerformanceMode": "generalPurpose",
        "Encrypted": True,
        "Tags": [*_tags(disk), *([made_for] if disk.left else [])],
    }


def _volume(disk: Disk) -> Json:
    instance = f"i-0{hexdigest('runs:' + disk.name, 16)}"
    return {
        "VolumeId": disk.id,
        "Size": 500,
        "State": "available" if disk.left else "in-use",
        "CreateTime": when(_DAYS, disk.arn),
        "AvailabilityZone": f"{REGION}a",
        "VolumeType": "gp3",
        "Encrypted": True,
        "Attachments": [] if disk.left else [{"InstanceId": instance, "State": "attached", "VolumeId": disk.id}],
        "Tags": _tags(disk),
    }  # fmt: skip
