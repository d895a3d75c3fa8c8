"""AWS names: ARNs taken apart, and the node ids of accounts, units, buckets and images."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.model import NodeId

ACCOUNT_ID = re.compile(r"\d{12}")
_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)"
    r"/(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN, split at its first five colons."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @staticmethod
    def parse(text: str) -> Arn | None:
        """The parts of this text; None where it is no ARN."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[5]:
            return None
        return Arn(*parts[1:])

    @property
    def name(self) -> str:
        """What follows the resource type and path: the last part after `/` or `:`."""
        return re.split(r"[/:]", self.resource)[-1]


def account_of(text: str) -> str | None:
    """The account that an ARN lies in; None where it names none."""
    arn = Arn.parse(text)
    return arn.account if arn is not None and ACCOUNT_ID.fullmatch(arn.account) else None


def is_vendor(policy_arn: str) -> bool:
    """Whether AWS itself manages the policy of this ARN."""
    arn = Arn.parse(policy_arn)
    return arn is not None and arn.account == "aws"


def account_node(account: str) -> NodeId:
    """The node of an account."""
    return NodeId(f"aws:account/{account}")


def unit_node(unit: str) -> NodeId:
    """The node of an organisation's root or unit."""
    return NodeId(f"aws:ou/{unit}")


def organization_node(organization: str) -> NodeId:
    """The node of an organisation."""
    return NodeId(f"aws:organization/{organization}")


def partition_of(region: str) -> str:
    """The partition that a region belongs to."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


@dataclass(frozen=True, slots=True)
class ImageName:
    """A container image in an ECR repository, as a workload names it."""

    account: str
    region: str
    repository: str
    tag: str
    digest: str

    @property
    def node(self) -> NodeId:
        """The node of the repository."""
        partition = partition_of(self.region)
        return NodeId(
            f"arn:{partition}:ecr:{self.region}:{self.account}:repository/{self.repository}"
        )

    @property
    def pinned(self) -> bool:
        """Whether it names the content itself, which no later push changes."""
        return bool(self.digest)

    @staticmethod
    def parse(text: str) -> ImageName | None:
        """The image that this text names; None where it lies in no ECR registry."""
        found = _ECR.fullmatch(text)
        if found is None:
            return None
        return ImageName(
            found["account"],
            found["region"],
            found["repository"],
            found["tag"] or "",
            found["digest"] or "",
        )
