"""From settings to a cloud: how it is reached, and whether its SDK is there."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from graph.errors import ConfigError, with_advice

if TYPE_CHECKING:
    from ingest.aws.client import Access
    from ui.settings import AwsSettings


def aws_access(aws: AwsSettings) -> Access:
    """How AWS is reached; it loads the SDK, and refuses where that is not installed."""
    if find_spec("botocore") is None:
        raise with_advice(
            ConfigError("the SDK of AWS is not installed"), "pip install 'shadowgraph[aws]'"
        )
    from ingest.aws.client import Access  # noqa: PLC0415  # loads the SDK

    return Access(
        profile=aws.profile,
        region=aws.regions[0] if aws.regions and aws.regions[0] != "all" else "",
        role=aws.role,
        external_id=aws.external_id,
        endpoint=aws.endpoint_url,
        ca_file=aws.ca_file,
        tries=aws.tries,
    )
