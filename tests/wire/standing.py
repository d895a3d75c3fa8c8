"""An estate that stands on the wire as a process of its own, until its input ends: `standing.py ACCOUNTS REGIONS`."""

import sys

from wire.canned import Canned
from wire.server import running


def accounts_of(number: int) -> tuple[str, ...]:
    """So many accounts; the first is the one of the collector's credentials."""
    return tuple(str(111111111111 + at) for at in range(number))


def main(accounts: str, regions: str) -> None:
    """Serve, and tell where."""
    with running(Canned(accounts_of(int(accounts)), regions.split(","), remembers=True)) as wire:
        print(wire.url, flush=True)  # noqa: T201 - the answer to whoever started us
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
