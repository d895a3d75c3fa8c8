"""The stores: the only files that talk to one. `open_store` finds the one that a URL names."""

from __future__ import annotations

from pathlib import Path

from graph.errors import StoreError
from graph.store import Store


def open_store(url: str, *, create: bool = False) -> Store:
    """The store at this URL: a file or a Neo4j server.

    A file is `sqlite:///relative.db`, `sqlite:////absolute.db`, or a bare path that ends in `.db`; a server is
    `neo4j://host:7687` or `bolt+s://host:7687/database`, its user and password come from the environment.
    With `create`, a missing one is made. `StoreError` where there is none, or what is there is no store of ours.
    """
    if shared(url):
        from graph.stores.neo4j import Neo4jStore  # noqa: PLC0415  # a store's driver is loaded when it is used
        from graph.stores.neo4j_link import address  # noqa: PLC0415  # as above

        return Neo4jStore(address(url), create=create)
    from graph.stores.sqlite import SqliteStore  # noqa: PLC0415  # as above

    return SqliteStore(sqlite_path(url), create=create)


def shared(url: str) -> bool:
    """Whether the URL names a server, which several clients share."""
    return url.partition("://")[0].partition("+")[0] in {"neo4j", "bolt"}


def sqlite_path(url: str) -> Path:
    """The file that a URL names."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        if not url.endswith(".db"):
            raise StoreError(f"`{url}` names no store: a path ends in `.db`, a URL has a scheme")
        return Path(url)
    if scheme != "sqlite":
        raise StoreError(f"no store speaks `{scheme}`")
    if not rest.startswith("/") or rest == "/":
        error = StoreError(f"`{url}` names no file")
        error.add_note("write `sqlite:///relative.db` or `sqlite:////absolute.db`")
        raise error
    return Path(rest[1:])
