"""A process that forks collections: each is a process of its own that may be killed, and starts at once.

Asked with a folder per line, it tells the id of the process that collects into it, and then how that ended.
"""

import os
import sys
from pathlib import Path

from wire.asking import gathered
from wire.canned import ROLE, WHEN
from wire.names import local_names

from ingest.aws.client import Access, AwsClient
from ingest.aws.client_sessions import _loader
from ingest.source import by_operation


def main(url: str, accounts: str, regions: str) -> None:
    """Fork as asked, until nothing is asked any more."""
    for service in {row.call.client for row in by_operation("aws").values()} | {"sts"}:
        _loader().load_service_model(service, "service-2")
    print("ready", flush=True)  # noqa: T201 - the answer to whoever started us
    for line in sys.stdin:
        child = os.fork()
        if not child:
            client = AwsClient(
                Access(endpoint=url, role=ROLE, region="eu-west-1", tries=2), since=WHEN
            )
            gathered(
                client,
                Path(line.strip()),
                accounts=accounts.split(","),
                regions=regions.split(","),
            )
            os._exit(0)
        print(child, flush=True)  # noqa: T201 - as above
        print(os.waitpid(child, 0)[1], flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    with local_names():
        main(*sys.argv[1:])
