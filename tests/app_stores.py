"""One store for each state that a page can meet: empty, one node, large, hostile, partial, stale, broken, missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders import NOW, A, Land, allow, to, trusts
from store_rows import USERS, key, node, ok

from access.resolve import resolve
from benchmarks.bulk import beside
from graph.model import Batch, Conclusions, Coverage, NodeId, Outcome
from graph.projection import view_of
from graph.stores import open_store
from queries.context import Context
from ui.auditing import keep_audit

FRESH = NOW + timedelta(hours=1)  # when pages are looked at
HOSTILE = (
    '<img src=x onerror="window.hacked=1">',
    "![x](http://attacker.test/pixel.png)",
    "[click](javascript:window.hacked=1)",
    "</script><script>window.hacked=1</script>",
    ":material/home: :red[x] $x^2$ `code` **bold**",
    '=HYPERLINK("http://attacker.test","x")',
    "\u202egnp.exe\x1b[2J\x00end",
    "https://attacker.test/auto www.attacker.test a@attacker.test",
)


def url(path: Path) -> str:
    """The address of the store in this file."""
    return f"sqlite:///{path}"


def write(
    path: Path,
    batch: Batch,
    coverage: tuple[Coverage, ...],
    conclusions: Conclusions | None = None,
    *,
    started: datetime = NOW,
) -> str:
    """A store in this file with one run more; without conclusions, those that follow from its facts."""
    store = open_store(url(path), create=True)
    with store.begin(started=started, tool_version="test") as run:
        run.put(batch)
        run.cover(coverage)
        run.close_unseen()
        run.conclude(resolve(run.facts(), instant=started) if conclusions is None else conclusions)
        run.commit()
    keep_audit(store, view_of(store, cache=None), Context(), now=started)
    store.close()
    return url(path)


def missing(path: Path) -> str:
    """The address of a store that is not there."""
    return url(path)


def empty(path: Path) -> str:
    """A store into which nothing was loaded."""
    open_store(url(path), create=True).close()
    return url(path)


def one_node(path: Path) -> str:
    """A store that holds one user and nothing else."""
    return write(path, Batch.of([node("User", "alone", name="alone")]), ok(USERS))


def broken(path: Path) -> str:
    """A file that begins like a store and is none."""
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
    return url(path)


def land_of_story() -> Land:
    """A contractor who opens a notebook whose role reads restricted data."""
    land = Land(A)
    data = land.bucket("claims", sensitivity=10, environment="prod")
    role = land.role(
        "notebook-role",
        allow("s3:GetObject", "arn:aws:s3:::claims/*", sid="ReadClaims"),
        trust=[trusts("sagemaker.amazonaws.com")],
    )
    notebook = land.notebook("explore", role)
    land.user(
        "contractor",
        allow("sagemaker:CreatePresignedNotebookInstanceUrl", notebook, sid="OpenNotebook"),
    )
    del data
    return land


def story(path: Path) -> str:
    """A store with one attack path, read completely and a moment ago."""
    land = land_of_story()
    return write(path, land.batch(), tuple(land.coverage.values()))


def partial(path: Path) -> str:
    """The same, with one call refused."""
    land = land_of_story()
    refused = Coverage(
        key("s3.get_bucket_policy/other", scope=A),
        Outcome.DENIED,
        missing_permission="s3:GetBucketPolicy",
    )
    return write(path, land.batch(), (*land.coverage.values(), refused))


def stale(path: Path) -> str:
    """The same, read long ago."""
    land = land_of_story()
    return write(
        path, land.batch(), tuple(land.coverage.values()), started=FRESH - timedelta(days=30)
    )


def failed(path: Path) -> str:
    """A store of a run in which no call was answered."""
    land = land_of_story()
    denied = tuple(Coverage(key, Outcome.DENIED) for key in land.coverage)
    return write(path, Batch.of([]), denied)


def hostile(path: Path) -> str:
    """The story with every name, tag, Sid, detail and permission written to attack whoever looks."""
    land = Land(A)
    groups = [land.group(name) for name in HOSTILE]
    role = land.role(
        HOSTILE[0],
        *(
            allow(
                "s3:GetObject",
                "arn:aws:s3:::claims/*",
                sid=name,
                Condition={"StringLike": {"aws:UserAgent": name, "aws:SourceVpc": name}},
            )
            for name in HOSTILE
        ),
        trust=[trusts("sagemaker.amazonaws.com", sid=HOSTILE[3])],
    )
    land.bucket("claims", sensitivity=10, environment=HOSTILE[4], owner=HOSTILE[1])
    for name in HOSTILE:
        land.bucket(
            name, to("*", allow("s3:GetObject", f"arn:aws:s3:::{name}/*", sid=name)), sensitivity=10
        )
        notebook = land.notebook(name, role)
        user = land.user(
            name, allow("sagemaker:CreatePresignedNotebookInstanceUrl", notebook, sid=name)
        )
        land.member(user, *groups)
    refused = tuple(
        Coverage(
            key(f"s3.get_bucket_policy/{name}", scope=A),
            Outcome.DENIED,
            missing_permission=name,
            detail=name,
        )
        for name in HOSTILE
    )
    return write(path, land.batch(), (*land.coverage.values(), *refused))


def large(path: Path, *, nodes: int = 100_000, edges_per_node: int = 3) -> str:
    """A generated estate of so many nodes beside the story."""
    land = land_of_story()
    rows = beside(
        land.batch(), resolve(land.facts(), instant=NOW), nodes=nodes, edges_per_node=edges_per_node
    )
    return write(path, rows.batch, (*land.coverage.values(), rows.call), rows.conclusions)


STORES: dict[str, Callable[[Path], str]] = {
    "missing": missing,
    "empty": empty,
    "one node": one_node,
    "story": story,
    "hostile": hostile,
    "partial": partial,
    "stale": stale,
    "failed": failed,
    "broken": broken,
    "large": large,
}
CONTRACTOR = NodeId(f"arn:aws:iam::{A}:user/contractor")
CLAIMS = NodeId("arn:aws:s3:::claims")
UTC_NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)
