"""What a notebook costs a month if it is left running: an estimate from a small dated table.

SOURCE: "Amazon SageMaker AI pricing", on-demand notebook instances, US East (N. Virginia), read 2026-11-26; other
regions cost more, up to half as much again. Figures are US dollars an hour.
"""

from __future__ import annotations

from collections.abc import Mapping

READ = "2026-11-26"
HOURS = 730  # of a month
_HOURLY: Mapping[str, float] = {
    "ml.t2.medium": 0.0464, "ml.t3.medium": 0.05, "ml.t3.large": 0.10, "ml.t3.xlarge": 0.20, "ml.t3.2xlarge": 0.399,
    "ml.m5.large": 0.115, "ml.m5.xlarge": 0.23, "ml.m5.2xlarge": 0.461, "ml.m5.4xlarge": 0.922,
    "ml.c5.xlarge": 0.204, "ml.c5.2xlarge": 0.408, "ml.r5.large": 0.151, "ml.r5.xlarge": 0.302,
    "ml.g4dn.xlarge": 0.7364, "ml.g4dn.2xlarge": 0.94, "ml.g5.xlarge": 1.408, "ml.g5.2xlarge": 1.515,
    "ml.p3.2xlarge": 3.825, "ml.p3.8xlarge": 14.688,
}  # fmt: skip


def monthly(instance_type: str) -> str:
    """About how many dollars a month the instance costs while it runs; empty where the table does not know it."""
    hourly = _HOURLY.get(instance_type)
    if hourly is None:
        return ""
    return f"about {hourly * HOURS:,.0f} USD (list price of {READ})"
