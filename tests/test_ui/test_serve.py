"""The app as it is served: who is answered, what every answer carries, what a browser does under its policy."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from serving import HONEST, Served, served

from ui.guard import host_allowed, policy, same_origin, script_hashes
from ui.serve import Place, absolute

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The honest page, served; one process for the tests that only ask it."""
    with served(HONEST, tmp_path_factory.mktemp("served")) as started:
        yield started


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: str


def ask(running: Served, path: str, *, method: str = "GET", **headers: str) -> Answer:
    """One request, with these headers in place of the usual ones."""
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        line.request(method, path, headers=named)
        answer = line.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read().decode("utf-8", "replace"))
    finally:
        line.close()


def handshake(running: Served, **headers: str) -> Answer:
    """What the server answers to the opening of a WebSocket."""
    sent = {
        "Host": f"127.0.0.1:{running.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as line:
        line.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{lines}\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head and (more := line.recv(4096)):
            head += more
    status, *rest = head.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
    told = dict(row.lower().split(": ", 1) for row in rest)
    return Answer(int(status.split()[1]), told, "")


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 200),
        ("/paths", "GET", 200),
        ("/_stcore/health", "GET", 200),
        ("/_stcore/host-config", "GET", 200),
        ("/favicon.png", "GET", 200),
        ("/static/js/none.js", "GET", 200),  # any unknown path is the page
        ("/media/none", "GET", 404),
        ("/_stcore/upload_file/a/b", "PUT", 403),
        ("/_stcore/metrics", "GET", 404),
        ("/_stcore/agent/openapi.json", "GET", 404),
        ("/_stcore/agent/interact", "POST", 404),
        ("/..%5c..%5cwindows", "GET", 400),
        ("/", "DELETE", 405),
    ],
)
def test_every_answer_carries_the_policy_and_is_kept_by_nobody(
    running: Served, path: str, method: str, status: int
) -> None:
    answer = ask(running, path, method=method)

    told = {name: answer.headers.get(name) for name in HEADERS}
    assert (answer.status, told) == (status, HEADERS)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src ")
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


@pytest.mark.enable_socket
def test_assets_whose_name_is_their_content_may_be_kept(running: Served) -> None:
    page = ask(running, "/").body
    script = page.partition('src="./static/')[2].partition('"')[0]

    answer = ask(running, f"/static/{script}")

    assert (answer.status, "immutable" in answer.headers["cache-control"]) == (200, True)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.enable_socket
@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/static/js/none.js", "/media/none"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil@127.0.0.1", ""])
def test_a_foreign_name_is_refused_everywhere(running: Served, path: str, host: str) -> None:
    answer = ask(running, path, Host=host)

    assert (answer.status, answer.headers["x-frame-options"]) == (421, "DENY")


@pytest.mark.enable_socket
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8501"])
def test_a_name_of_this_machine_is_answered_on_any_port(running: Served, host: str) -> None:
    assert ask(running, "/_stcore/health", Host=host).status == 200


@pytest.mark.enable_socket
def test_the_page_itself_may_open_the_web_socket(running: Served) -> None:
    assert handshake(running, Origin=running.url).status == 101


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:1",  # another service of the same machine
        "http://127.0.0.1",
        "null",
        "file://",
        "",
    ],
)
def test_no_other_origin_opens_the_web_socket(running: Served, origin: str) -> None:
    answer = handshake(running, Origin=origin)

    assert (answer.status, answer.headers["x-frame-options"]) == (403, "deny")


@pytest.mark.enable_socket
def test_a_web_socket_without_origin_is_refused(running: Served) -> None:
    assert handshake(running).status == 403


@pytest.mark.enable_socket
def test_a_web_socket_under_a_foreign_name_is_refused(running: Served) -> None:
    # The page of a rebound name is of the same origin as the name that it asks for.
    answer = handshake(running, Host="evil.example", Origin="http://evil.example")

    assert answer.status == 421


@pytest.mark.enable_socket
def test_the_policy_allows_no_inline_script_but_those_of_the_page(running: Served) -> None:
    answer = ask(running, "/")

    sources = dict(
        part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
    )
    hashes = script_hashes(answer.body)
    assert len(hashes) == 1
    assert sources["script-src"].split() == ["'self'", *hashes, "blob:", "'wasm-unsafe-eval'"]


@pytest.mark.enable_socket
@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_asked_to_stop_ends_quietly_and_with_0(
    tmp_path: Path, asked: signal.Signals
) -> None:
    with served(HONEST, tmp_path) as stopped:
        line = socket.create_connection(("127.0.0.1", stopped.port), timeout=20)
        stopped.process.send_signal(asked)
        told = stopped.process.communicate(timeout=30)
        line.close()

    assert (stopped.process.returncode, told) == (0, ("", ""))


@pytest.mark.enable_socket
def test_a_taken_port_is_told_in_one_line_and_ends_with_2(running: Served, tmp_path: Path) -> None:
    ended = subprocess.run(
        [Path(sys.executable).with_name("shadowgraph"), "ui", "--port", str(running.port)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ended.returncode, ended.stdout, ended.stderr.splitlines()) == (
        2,
        "",
        [
            f"shadowgraph: port `{running.port}` of `127.0.0.1` is taken",
            f"end what listens there, or choose another: `--port {running.port + 1}`",
        ],
    )


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("graph.example.com", True),
        ("GRAPH.example.com.:8501", True),
        ("a.b.example.org", True),
        ("example.org", False),
        ("graph.example.com.evil.example", False),
        ("graph.example.com/x", False),
        ("graph.example.com?x", False),
        ("user@graph.example.com", False),
        ("graph.example.com:port", False),
        ("graph.example.com:99999", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_a_host_is_answered_by_its_whole_name(host: str, answered: bool) -> None:
    assert host_allowed(host, ("graph.example.com", "*.example.org")) is answered


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        ("https://graph.example.com", True),
        ("http://GRAPH.example.com", True),
        ("http://graph.example.com:8501", False),
        ("ftp://graph.example.com", False),
        ("graph.example.com", False),
        ("", False),
    ],
)
def test_an_origin_is_the_same_by_host_and_port(origin: str, same: bool) -> None:
    assert same_origin(origin, "graph.example.com") is same


def test_inline_scripts_are_allowed_by_their_hash() -> None:
    page = "<script>let a = 1</script><script src=x></script><p>no</p><script></script>"

    assert script_hashes(page) == (
        "'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ='",
        "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    )


def test_the_policy_lets_no_string_become_a_script() -> None:
    assert [word for word in ("'unsafe-eval'", "*", "http:", "https:") if word in policy(())] == []
    assert policy(()).count("'unsafe-inline'") == 1  # styles


@pytest.mark.parametrize(
    ("address", "only_here", "url"),
    [
        ("127.0.0.1", True, "http://127.0.0.1:1"),
        ("::1", True, "http://[::1]:1"),
        ("localhost", True, "http://localhost:1"),
        ("0.0.0.0", False, "http://127.0.0.1:1"),  # noqa: S104 - the address under test
        ("graph.example.com", False, "http://graph.example.com:1"),
    ],
)
def test_a_place_knows_who_reaches_it(address: str, only_here: bool, url: str) -> None:
    place = Place(address=address)

    assert (place.only_here, place.url(1)) == (only_here, url)


def test_a_store_is_named_free_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    wanted = f"sqlite:///{tmp_path}/x.db"
    assert {absolute("sqlite:///x.db"), absolute("x.db"), absolute(wanted)} == {wanted}
