"""Names below `localhost` for tests: S3 Control puts the account id in front of the host, whatever the endpoint is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def local_names() -> Iterator[None]:
    """Every name below `localhost` is this machine, and no other name is looked up, until the block ends."""
    real = socket.getaddrinfo

    def found(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name != "localhost" and not str(name).endswith(".localhost") and name != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1", *rest, **options)

    socket.getaddrinfo = found
    try:
        yield
    finally:
        socket.getaddrinfo = real
