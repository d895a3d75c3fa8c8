"""A proxy in front of another server: it passes on what it is asked, but for scripted faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlsplit

from wire.answers import Wired
from wire.canned import Step
from wire.requests import Asked, Catalogue, catalogue

_HOP = frozenset(
    {"connection", "transfer-encoding", "content-length", "keep-alive", "server", "date"}
)


@dataclass
class Proxy:
    """What stands between the collector and another server."""

    url: str
    scripts: dict[str, Step] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=catalogue)

    def answer(self, asked: Asked) -> Wired:
        """What the other server says, or what goes wrong."""
        step = self.scripts.get(asked.name)
        return step(asked, lambda: self._passed(asked)) if step else self._passed(asked)

    def _passed(self, asked: Asked) -> Wired:
        parts = urlsplit(self.url)
        line = HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        try:
            head = {name: value for name, value in asked.headers.items() if name not in _HOP}
            line.request(
                asked.method, asked.path, asked.body, {**head, "Authorization": asked.signature}
            )
            answer = line.getresponse()
            body = answer.read()
        finally:
            line.close()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
        return Wired(answer.status, body, kept)
