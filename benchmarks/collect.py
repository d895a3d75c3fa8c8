"""What reading an organisation costs: `python -m benchmarks.collect [--accounts 50] [--regions 4]`.

An estate of ours stands on the wire as one process; the collector reads it as another, every call in every account and
region. Printed are the calls, wall and CPU seconds of the collector, and its peak memory, which has a limit.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
WIRE = ROOT / "tests" / "wire"
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2", "us-west-2", "sa-east-1")
MOST = 500.0  # MiB


def surroundings(url: str) -> Mapping[str, str]:
    """The environment of the collector: credentials of the estate, and nothing of this machine."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SHADOWGRAPH_"))
    }
    return {
        **kept,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
        "AWS_ACCESS_KEY_ID": "ASIA1111111111110000",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_SESSION_TOKEN": "t",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SHADOWGRAPH_AWS_ENDPOINT_URL": url,
        "SHADOWGRAPH_AWS_ROLE": "estate-reader",
        "SHADOWGRAPH_AWS_ACCOUNTS": "all",
    }


@contextmanager
def estate(accounts: int, regions: tuple[str, ...]) -> Iterator[str]:
    """The address of an estate of this size."""
    process = subprocess.Popen(
        [sys.executable, str(WIRE / "standing.py"), str(accounts), ",".join(regions)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield next(iter(process.stdout or ())).strip()
    finally:
        process.communicate()


def main() -> None:
    """Print what the collection cost; end with 1 where it took more memory than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--regions", type=int, default=4)
    given = parser.parse_args()
    regions = REGIONS[: given.regions]
    with tempfile.TemporaryDirectory() as folder, estate(given.accounts, regions) as url:
        command = [sys.executable, str(WIRE / "program.py"), "collect", "--format", "json"]
        began = time.monotonic()
        with (Path(folder) / "told.json").open("w+", encoding="utf-8") as told:
            process = subprocess.Popen(
                [*command, "--regions", ",".join(regions)],
                cwd=folder,
                env=surroundings(url),
                stdout=told,
            )
            _, status, used = os.wait4(process.pid, 0)
            took = time.monotonic() - began
            told.seek(0)
            counts = json.load(told)
    calls = sum(counts["calls"].values())
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{given.accounts} accounts, {len(regions)} regions: {calls:,} calls, {counts['calls']}")
    print(f"wall {took:.1f} s, CPU {cpu:.1f} s ({cpu / calls * 1000:.1f} ms a call)")
    print(f"peak memory {peak:.0f} MiB (at most {MOST:.0f})")
    if os.waitstatus_to_exitcode(status) or peak > MOST:
        sys.exit(1)


if __name__ == "__main__":
    main()
