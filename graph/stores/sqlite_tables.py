"""The tables of the SQLite store: their definition, forward steps between formats, and statements per row family.

Node ids stand once, in `names`; everything else refers to them by number. Of each family there is a table of live
rows, one of claims (what one call says of one row), and one of net changes per run.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

APPLICATION_ID = 0x53475248  # marks our files in the header of SQLite; "SGRH"

# How text columns are bound: text that UTF-8 cannot hold (lone surrogates) is bound as bytes, and kept as text.
_FIRST = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, committed TEXT, version INTEGER UNIQUE,
    tool_version TEXT NOT NULL, schema_version INTEGER NOT NULL);
CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE keys (
    id INTEGER PRIMARY KEY, platform TEXT NOT NULL, scope TEXT NOT NULL, region TEXT NOT NULL, call TEXT NOT NULL,
    asked_run INTEGER, ok_run INTEGER, parent INTEGER, UNIQUE (platform, scope, region, call));
CREATE INDEX keys_by_parent ON keys (parent);
CREATE TABLE coverage (
    run INTEGER NOT NULL, key INTEGER NOT NULL, outcome TEXT NOT NULL, items INTEGER NOT NULL,
    missing_permission TEXT, detail TEXT NOT NULL, parent INTEGER, PRIMARY KEY (run, key)) WITHOUT ROWID;
CREATE TABLE documents (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE nodes (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, listed INTEGER NOT NULL, keys TEXT, state TEXT NOT NULL,
    first_run INTEGER NOT NULL, changed_run INTEGER NOT NULL);
CREATE INDEX nodes_by_kind ON nodes (kind);
CREATE INDEX nodes_unclaimed ON nodes (id) WHERE keys = '';
CREATE TABLE node_claims (
    id INTEGER NOT NULL, key INTEGER NOT NULL, kind TEXT NOT NULL, listed INTEGER NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (id, key)) WITHOUT ROWID;
CREATE INDEX node_claims_by_key ON node_claims (key);
CREATE TABLE node_changes (
    run INTEGER NOT NULL, id INTEGER NOT NULL, concluded INTEGER NOT NULL, before TEXT, after TEXT, PRIMARY KEY (run, id)) WITHOUT ROWID;

CREATE TABLE edges (
    src INTEGER NOT NULL, dst INTEGER NOT NULL, kind TEXT NOT NULL, disc TEXT NOT NULL, keys TEXT,
    state TEXT NOT NULL, first_run INTEGER NOT NULL, changed_run INTEGER NOT NULL,
    PRIMARY KEY (src, dst, kind, disc)) WITHOUT ROWID;
CREATE INDEX edges_back ON edges (dst, src);
CREATE TABLE edge_claims (
    src INTEGER NOT NULL, dst INTEGER NOT NULL, kind TEXT NOT NULL, disc TEXT NOT NULL, key INTEGER NOT NULL,
    state TEXT NOT NULL, PRIMARY KEY (src, dst, kind, disc, key)) WITHOUT ROWID;
CREATE INDEX edge_claims_by_key ON edge_claims (key);
CREATE TABLE edge_changes (
    run INTEGER NOT NULL, src INTEGER NOT NULL, dst INTEGER NOT NULL, kind TEXT NOT NULL, disc TEXT NOT NULL,
    concluded INTEGER NOT NULL, before TEXT, after TEXT, PRIMARY KEY (run, src, dst, kind, disc)) WITHOUT ROWID;

CREATE TABLE attachments (
    id TEXT PRIMARY KEY, holder INTEGER NOT NULL, keys TEXT, state TEXT NOT NULL, first_run INTEGER NOT NULL,
    changed_run INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX attachments_by_holder ON attachments (holder);
CREATE TABLE attachment_claims (
    id TEXT NOT NULL, key INTEGER NOT NULL, holder INTEGER NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (id, key)) WITHOUT ROWID;
CREATE INDEX attachment_claims_by_key ON attachment_claims (key);
CREATE TABLE attachment_changes (
    run INTEGER NOT NULL, id TEXT NOT NULL, concluded INTEGER NOT NULL, before TEXT, after TEXT, PRIMARY KEY (run, id)) WITHOUT ROWID;

CREATE TABLE observations (
    id INTEGER NOT NULL, name TEXT NOT NULL, key INTEGER NOT NULL, run INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (id, name, key)) WITHOUT ROWID;
CREATE INDEX observations_by_key ON observations (key);
CREATE TABLE results (
    name TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID;
CREATE TABLE metrics (
    version INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (version, name, id)) WITHOUT ROWID;
CREATE TABLE findings (
    id TEXT PRIMARY KEY, rule TEXT NOT NULL, asset INTEGER, first_run INTEGER NOT NULL, last_run INTEGER NOT NULL,
    status TEXT NOT NULL, evidence TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, made TEXT NOT NULL, person TEXT NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL,
    reason TEXT NOT NULL, expires TEXT)
"""

# No version with the first format ever wrote findings or decisions.
_OUTCOMES = """
DROP TABLE findings;
CREATE TABLE findings (
    id TEXT PRIMARY KEY, rule TEXT NOT NULL, asset TEXT NOT NULL, first_run INTEGER NOT NULL,
    opened_run INTEGER NOT NULL, last_run INTEGER NOT NULL, closed_run INTEGER, status TEXT NOT NULL,
    payload TEXT NOT NULL) WITHOUT ROWID;
DROP TABLE decisions;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, made TEXT NOT NULL, person TEXT NOT NULL, subject TEXT NOT NULL, what TEXT NOT NULL,
    reason TEXT NOT NULL, value TEXT NOT NULL, expires TEXT)
"""


def statements(script: str) -> tuple[str, ...]:
    """The single statements of a script."""
    return tuple(part.strip() for part in script.split(";") if part.strip())


# Step n leads from format n to format n + 1; an empty file has format 0, so a new store takes them all.
STEPS: tuple[tuple[str, ...], ...] = (statements(_FIRST), statements(_OUTCOMES))

_STAGING = """
CREATE TEMP TABLE closing (key INTEGER PRIMARY KEY);
CREATE TEMP TABLE voices (key INTEGER PRIMARY KEY);
CREATE TEMP TABLE meant (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TEMP TABLE put_observations (
    id INTEGER NOT NULL, name TEXT NOT NULL, key INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (id, name, key)) WITHOUT ROWID
"""

_FAMILY_STAGING = """
CREATE TEMP TABLE put_$live (
    $columns, key INTEGER NOT NULL,$extra_columns state TEXT NOT NULL, PRIMARY KEY ($row, key)) WITHOUT ROWID;
CREATE TEMP TABLE touched_$live (
    $columns, state TEXT, keys TEXT, first_run INTEGER, changed_run INTEGER, PRIMARY KEY ($row)) WITHOUT ROWID;
CREATE TEMP TABLE new_$live (
    $columns,$extra_columns state TEXT NOT NULL, PRIMARY KEY ($row)) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class RowFamily:
    """The names that tell the tables of one family from those of another; statements are filled in from them."""

    name: str
    live: str
    row: tuple[str, ...]  # the columns that identify a row
    columns: str
    extra: tuple[str, ...] = ()  # columns that the row carries beside its state
    extra_columns: str = ""
    alone: str = ""  # when one claim is the whole row, beyond being the only one

    def fill(self, template: str) -> str:
        """The statement for this family; only names of tables and columns are filled in, never values."""
        return Template(template).substitute(
            live=self.live,
            claims=f"{self.name}_claims",
            changes=f"{self.name}_changes",
            row=", ".join(self.row),
            marks=", ".join("?" for _ in self.row),
            c_is_p=self._same("c", "p"),
            l_is_n=self._same("l", "n"),
            is_row=" AND ".join(f"{column} = ?" for column in self.row),
            columns=self.columns,
            extra=self._carried(""),
            p_extra=self._carried("p."),
            c_extra=self._carried("c."),
            n_extra=self._carried("n."),
            extra_marks=" ?," * len(self.extra),
            extra_columns=self.extra_columns,
            alone=self.alone,
            not_alone=f" OR NOT (TRUE{self.alone})" if self.alone else "",
        )

    def _carried(self, prefix: str) -> str:
        return "".join(f" {prefix}{column}," for column in self.extra)

    def _same(self, one: str, other: str) -> str:
        return " AND ".join(f"{one}.{column} = {other}.{column}" for column in self.row)


NODES = RowFamily(
    "node",
    "nodes",
    ("id",),
    "id INTEGER NOT NULL",
    ("kind", "listed"),
    " kind TEXT NOT NULL, listed INTEGER NOT NULL,",
    alone=" AND min(c.listed) = 1",
)
EDGES = RowFamily(
    "edge",
    "edges",
    ("src", "dst", "kind", "disc"),
    "src INTEGER NOT NULL, dst INTEGER NOT NULL, kind TEXT NOT NULL, disc TEXT NOT NULL",
)
ATTACHMENTS = RowFamily(
    "attachment",
    "attachments",
    ("id",),
    "id TEXT NOT NULL",
    ("holder",),
    " holder INTEGER NOT NULL,",
)
FAMILIES = (
    EDGES,
    ATTACHMENTS,
    NODES,
)  # nodes last: what edges and attachments still name decides about them


def staging() -> tuple[str, ...]:
    """The statements that make the temporary tables of one run."""
    per_family = (statements(family.fill(_FAMILY_STAGING)) for family in FAMILIES)
    return statements(_STAGING) + tuple(line for lines in per_family for line in lines)
