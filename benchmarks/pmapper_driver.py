"""Builds the graph of PMapper (AGPL-3.0) over account authorization details; runs in a process and environment of its own.

The package is no part of this repository. Of it, what lists an account is answered from the file, and the names that
Python 3.10 moved are put where it looks for them. On stdout one JSON object with CPU seconds and counts.
"""

import collections
import collections.abc
import json
import sys
import time
from pathlib import Path
from typing import Any

for moved in ("Mapping", "MutableMapping"):
    setattr(collections, moved, getattr(collections.abc, moved))

from principalmapper.common import Graph  # noqa: E402  # after the names that it looks for
from principalmapper.graphing import edge_identification, gathering  # noqa: E402  # likewise
from principalmapper.querying.presets import privesc  # noqa: E402  # likewise

Answer = dict[str, Any]


class Pages:
    """A paginator with one page."""

    def __init__(self, page: Answer) -> None:
        self.page = page

    def paginate(self, **_asked: object) -> list[Answer]:
        """The page."""
        return [self.page]


class Listing:
    """The IAM client: the details of the file, and no keys, passwords or second factors."""

    def __init__(self, details: Answer) -> None:
        self.details = details

    def get_paginator(self, name: str) -> Pages:
        """The details, or no second factors."""
        whole = name == "get_account_authorization_details"
        return Pages(self.details if whole else {"VirtualMFADevices": []})

    def list_access_keys(self, **_asked: object) -> Answer:
        """None."""
        return {"AccessKeyMetadata": []}

    def get_login_profile(self, **_asked: object) -> Answer:
        """None."""
        return {}

    def list_mfa_devices(self, **_asked: object) -> Answer:
        """None."""
        return {"MFADevices": []}


def main(path: Path) -> None:
    """Build, search, print."""
    details = json.loads(path.read_text(encoding="utf-8"))
    begun = time.process_time()
    found = gathering.get_nodes_groups_and_policies(Listing(details))
    gathering.update_admin_status(found["nodes"], None)
    services = list(edge_identification.checker_map)
    edges = edge_identification.obtain_edges(None, services, found["nodes"])
    built = time.process_time()
    metadata = {"account_id": "", "pmapper_version": "1.1.5"}
    graph = Graph(found["nodes"], edges, found["policies"], found["groups"], metadata)
    others = [node for node in graph.nodes if not node.is_admin]
    escalating = [node.arn for node in others if privesc.can_privesc(graph, node)[0]]
    searched = time.process_time()
    told = {
        "seconds": built - begun,
        "search": searched - built,
        "admins": len(graph.nodes) - len(others),
        "edges": len(edges),
        "pairs": sorted({(edge.source.arn, edge.destination.arn) for edge in edges}),
        "escalating": escalating,
    }
    print(json.dumps(told))


main(Path(sys.argv[1]))
