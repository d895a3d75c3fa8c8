"""A real Neo4j 5.26 Community server for tests, benchmarks and trying things out, without a container.

Maven copies the server's libraries into a cache folder once (139 MB); each server then has a home folder of its own, one
listener on loopback and no outbound connection. Neo4j is under GPLv3: it runs as a separate process and is never bundled.

`python -m scripts.neo4j_server` starts one and prints its address and password; Ctrl-C stops it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VERSION = "5.26.30"
_POM = Path(__file__).parent / "neo4j" / "pom.xml"
_START_SECONDS = 120.0
_SETTINGS = """\
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=true
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
dbms.usage_report.enabled=false
server.memory.pagecache.size=256m
db.tx_log.preallocate=false
db.tx_log.rotation.retention_policy=1 files
db.transaction.timeout=120s
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
"""
_TLS_SETTINGS = """\
server.bolt.tls_level=REQUIRED
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory=certificates/bolt
dbms.ssl.policy.bolt.client_auth=NONE
"""
_HEAP_LOG = "heap.log"
_HEAP = re.compile(r" (\d+)M->(\d+)M\(\d+M\)")
_OPENS = ("java.base/java.nio", "java.base/java.io", "java.base/sun.nio.ch")


class NoServerError(Exception):
    """Why no server can be started here, in one line."""


def libraries() -> Path:
    """The folder with the server's libraries, filled by Maven where it is not there yet.

    Errors:
        NoServerError: there is no Java or no Maven, or Maven could not fetch them.
    """
    _need("java")
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shadowgraph"
    home = root / f"neo4j-{VERSION}"
    if not home.is_dir():
        _need("mvn")
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root) as folder:
            _fetch(Path(folder) / "lib")
            try:
                (Path(folder) / "lib").rename(home)
            except OSError:  # somebody else was faster
                if not home.is_dir():
                    raise
    return home


def _need(program: str) -> None:
    if shutil.which(program) is None:
        raise NoServerError(
            f"no `{program}` on this machine: a Neo4j server needs Java 17, and Maven to fetch it once"
        )


def _fetch(into: Path) -> None:
    asked = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    ended = subprocess.run(
        [shutil.which("mvn") or "mvn", "-q", "-B", "-f", str(_POM), *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode or not into.is_dir():
        told = (ended.stdout + ended.stderr).strip().splitlines()
        raise NoServerError(
            f"Maven could not fetch Neo4j {VERSION}: {told[0] if told else 'it said nothing'}"
        )


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A private key and the certificates that lead from it to an authority, both as PEM."""

    key: bytes
    certificate: bytes


class Server:
    """One server with its home folder; it can be killed and started again over the same data."""

    def __init__(
        self, home: Path, *, heap: str = "1g", settings: str = "", tls: TlsFiles | None = None
    ) -> None:
        self.home = home
        self.heap = heap
        self.port = _free_port()
        self.password = secrets.token_hex(12)
        self._libraries = libraries()
        self._process: subprocess.Popen[bytes] | None = None
        conf = home / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        self._tls = tls is not None
        if tls is not None:
            folder = home / "certificates" / "bolt"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "private.key").write_bytes(tls.key)
            (folder / "public.crt").write_bytes(tls.certificate)
            settings += _TLS_SETTINGS
        said = _SETTINGS.format(port=self.port) + settings
        (conf / "neo4j.conf").write_text(said, encoding="utf-8")
        self._run("org.neo4j.cli.AdminTool", "dbms", "set-initial-password", self.password)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client's environment says of user and password."""
        return {"NEO4J_USERNAME": "neo4j", "NEO4J_PASSWORD": self.password}

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return None if self._process is None else self._process.pid

    def heap_used(self) -> tuple[int, int]:
        """The most MiB of the heap that were in use when a collection began, and the most that one left."""
        log = self.home / _HEAP_LOG
        found = _HEAP.findall(log.read_text(encoding="utf-8")) if log.exists() else []
        before, after = ([int(row[at]) for row in found] for at in (0, 1))
        return max(before, default=0), max(after, default=0)

    def _run(self, main: str, *arguments: str) -> None:
        environment = {**os.environ, "NEO4J_HOME": str(self.home)}
        command = [
            shutil.which("java") or "java",
            "-Xmx256m",
            "-cp",
            f"{self._libraries}/*",
            main,
            *arguments,
        ]
        ended = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise NoServerError(f"Neo4j's admin tool failed: {ended.stderr.strip()[:300]}")

    def start(self) -> None:
        """Start it, and wait until it answers on its port."""
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    shutil.which("java") or "java",
                    f"-Xms{self.heap}",
                    f"-Xmx{self.heap}",
                    "-XX:+UseG1GC",
                    f"-Xlog:gc:file={self.home / _HEAP_LOG}",
                    *(f"--add-opens={one}=ALL-UNNAMED" for one in _OPENS),
                    "-Dlog4j2.disable.jmx=true",
                    "-cp",
                    f"{self._libraries}/*",
                    "org.neo4j.server.CommunityEntryPoint",
                    f"--home-dir={self.home}",
                    f"--config-dir={self.home / 'conf'}",
                ],
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                told = (self.home / "server.log").read_text(errors="replace").splitlines()
                raise NoServerError("Neo4j did not start: " + " / ".join(told[-3:]))
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with self._connected() as link:
                link.sendall(b"\x60\x60\xb0\x17" + b"\x00\x00\x05\x05" + b"\x00" * 12)
                return len(link.recv(4)) == 4
        except OSError:
            return False

    def _connected(self) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", self.port), timeout=1)
        if not self._tls:
            return link
        whoever = ssl.create_default_context()  # whether it answers is asked, not who it is
        whoever.check_hostname = False
        whoever.verify_mode = ssl.CERT_NONE
        return whoever.wrap_socket(link)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*, heap: str = "1g") -> Iterator[Server]:
    """A started server with an empty home folder, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="neo4j-", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder), heap=heap)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def main() -> None:
    """Serve until interrupted."""
    with running() as server:
        print(f"NEO4J_URI={server.url}")
        for name, value in server.environment.items():
            print(f"{name}={value}")
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
