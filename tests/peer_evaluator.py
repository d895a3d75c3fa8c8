"""Another public evaluator as a second opinion: `@cloud-copilot/iam-simulate`, run as a process of its own.

It is under the AGPL: nothing of it is in this repository. It is installed into a cache folder when a test wants it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decision_rows import Row

_DRIVER = Path(__file__).parent / "iam_simulate.mjs"
_PACKAGES = {  # all that it consists of, so that no later version slips in
    "iam-simulate": "0.1.173",
    "iam-data": "0.21.202609261",
    "iam-policy": "0.1.109",
    "iam-utils": "0.1.82",
}
_INSTALL_SECONDS, _RUN_SECONDS = 90, 120
_WORDS = {
    "Allowed": "allow",
    "ImplicitlyDenied": "implicit_deny",
    "ExplicitlyDenied": "explicit_deny",
}


class Absent(Exception):  # noqa: N818  # no failure of ours: the reason why there is no second opinion
    """Why the other evaluator cannot be asked; `excused` where nothing could have been done about it."""

    def __init__(self, why: str, *, excused: bool) -> None:
        super().__init__(why)
        self.excused = excused


@dataclass(frozen=True, slots=True)
class Opinion:
    """What it says of one row; `error` where it refuses the question."""

    effect: str
    keys: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()
    error: str = ""


def installed() -> Path:
    """The folder with the package, installed first where it is not there yet."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Absent(f"{program} is not installed", excused=True)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "shadowgraph-tests" / f"iam-simulate-{_PACKAGES['iam-simulate']}"
    if not folder.is_dir():
        _install(folder)
    return folder


def _install(folder: Path) -> None:
    """Install beside and move: a broken install is never taken for a whole one."""
    beside = folder.with_name(f"{folder.name}.{os.getpid()}")
    beside.mkdir(parents=True, exist_ok=True)
    (beside / "package.json").write_text("{}", encoding="utf-8")
    wanted = [f"@cloud-copilot/{name}@{version}" for name, version in _PACKAGES.items()]
    flags = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
    try:
        done = subprocess.run(
            ["npm", "install", "--prefix", str(beside), *flags, "--fetch-timeout=20000", *wanted],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
        if done.returncode:
            why = " ".join(done.stderr.split())[:300]
            raise Absent(f"npm could not install the package: {why}", excused=False)
        if not folder.is_dir():
            beside.rename(folder)
    except subprocess.TimeoutExpired:
        why = f"npm took longer than {_INSTALL_SECONDS} seconds"
        raise Absent(why, excused=False) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def opinions(rows: list[Row], folder: Path) -> dict[str, Opinion]:
    """What it says of each row, by id."""
    lines = (
        json.dumps({"id": row["id"], "mode": _mode(row), "simulation": simulation_of(row)})
        for row in rows
    )
    done = subprocess.run(
        ["node", str(_DRIVER), str(folder)],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=_RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    answers = map(json.loads, done.stdout.splitlines())
    return {answer["id"]: _opinion(answer) for answer in answers}


def _opinion(answer: dict[str, Any]) -> Opinion:
    if "error" in answer:
        return Opinion("", error=answer["error"])
    keys = frozenset(key.lower() for key in answer["keys"])
    effect = _WORDS[answer["result"]]
    # it says `allowed` and lists what that depends on
    open_ = bool(keys) and effect == "allow"
    return Opinion("conditional" if open_ else effect, keys, tuple(answer["ignored"]))


def _mode(row: Row) -> str:
    return "Discovery" if row.get("context_is_partial") else "Strict"


def unsaid(row: Row) -> str:
    """Why the row cannot be put to it; empty where it can."""
    if row["form"] == "existential":
        return "asks for some resource of a pattern"
    if row.get("context_is_partial") and row["expected"] != "conditional":
        return "decided although keys are unknown: it lists every condition, needed or not"
    if {"*", "?"} & set(row["resource"]) and not row["wildcard_only_action"]:
        return "a resource whose name holds a wildcard character is read as a pattern"
    return ""


def simulation_of(row: Row) -> dict[str, Any]:
    """The row in the words of the other evaluator."""
    found: dict[str, Any] = {
        "request": {
            "principal": row["principal"],
            "action": row["action"],
            "resource": {"resource": row["resource"], "accountId": row["resource_account"]},
            "contextVariables": row["context"],
        },
        "identityPolicies": _named(row["identity"]),
        "serviceControlPolicies": _levels(row["scps"]),
        "resourceControlPolicies": _levels(row["rcps"]),
    }
    optional = (
        ("resourcePolicy", row["resource_policy"]),
        ("sessionPolicy", row["session"]),
        ("permissionBoundaryPolicies", _named(row["boundaries"]) or None),
        ("vpcEndpointPolicies", _named(row["endpoint"]) or None),
    )
    return found | {name: value for name, value in optional if value is not None}


def _named(documents: list[Any] | None) -> list[dict[str, Any]]:
    return [{"name": f"p{i}", "policy": one} for i, one in enumerate(documents or [])]


def _levels(given: list[list[Any]] | None) -> list[dict[str, Any]]:
    return [
        {"orgIdentifier": f"level{i}", "policies": _named(level)}
        for i, level in enumerate(given or [])
    ]
