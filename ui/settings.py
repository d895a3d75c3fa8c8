"""Settings: one TOML file and the environment, read once into a frozen tree and passed down."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from graph.errors import ConfigError, EstateError, with_advice

CONFIG_VARIABLE = "SHADOWGRAPH_CONFIG"
DEFAULT_FILE = "shadowgraph.toml"
LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Setting:
    """A declared setting: where it stands in the file, its variable, its default and what it is for."""

    key: str  # `section.name` in the file; a name of its own stands only in the environment
    variable: str
    default: str
    doc: str
    choices: tuple[str, ...] = ()


SETTINGS = (
    Setting(
        "store.url",
        "SHADOWGRAPH_STORE",
        "sqlite:///estate.db",
        "The store that commands read and write, unless `--store` names another.",
    ),
    Setting(
        "store.cache",
        "SHADOWGRAPH_CACHE",
        "",
        "The folder that keeps projections between commands; beside the store where it is empty.",
    ),
    Setting(
        "log.level", "SHADOWGRAPH_LOG_LEVEL", "warning", "The least level that is logged.", LEVELS
    ),
    Setting(
        "log.format",
        "SHADOWGRAPH_LOG_FORMAT",
        "text",
        "How log lines are written to the standard error stream.",
        LOG_FORMATS,
    ),
    Setting(
        "debug",
        "SHADOWGRAPH_DEBUG",
        "",
        "Anything but empty or 0 shows the full trace of an unexpected error.",
    ),
    Setting(
        "now",
        "SHADOWGRAPH_NOW",
        "",
        "The instant that a run counts as its start, e.g. 2026-03-01T06:00:00Z; the clock where it is empty.",
    ),
)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the graph lives."""

    url: str
    cache: Path | None


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged, and how."""

    level: str
    format: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole tree, as commands receive it."""

    store: StoreSettings
    log: LogSettings
    debug: bool
    now: datetime | None


def _refused(message: str, advice: str) -> EstateError:
    return with_advice(ConfigError(message), advice)


def _parsed(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = str(error).splitlines()[0].lower()
        raise ConfigError(f"settings file `{path}` cannot be read: {reason}") from error


def _flat(tree: Mapping[str, object], path: Path) -> dict[str, str]:
    """The file's values by `section.name`; unknown keys and values that are no text are refused."""
    known = {setting.key for setting in SETTINGS if "." in setting.key}
    found: dict[str, str] = {}
    for section, values in sorted(tree.items()):
        entries = values if isinstance(values, dict) else {"": values}
        for name, value in sorted(entries.items()):
            key = f"{section}.{name}" if name else section
            if key not in known:
                near = get_close_matches(key, sorted(known), n=1)
                hint = (
                    f"did you mean `{near[0]}`?" if near else f"known: {', '.join(sorted(known))}"
                )
                raise _refused(f"unknown setting `{key}` in `{path}`", hint)
            if not isinstance(value, str):
                raise ConfigError(f"setting `{key}` in `{path}` must be text, not `{value}`")
            found[key] = value
    return found


def _from_file(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    named = environment.get(CONFIG_VARIABLE)
    path = Path(named) if named else folder / DEFAULT_FILE
    if not named and not path.exists():
        return {}
    return _flat(_parsed(path), path)


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _refused(
            f"`{text}` is no instant", "write it like 2026-03-01T06:00:00Z in SHADOWGRAPH_NOW"
        ) from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def read_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """The settings: defaults, then the file that `SHADOWGRAPH_CONFIG` or the folder holds, then the environment."""
    written = _from_file(environment, folder)

    def value(key: str, shape: Callable[[str], str] = str) -> str:
        setting = next(entry for entry in SETTINGS if entry.key == key)
        text = shape(environment.get(setting.variable) or written.get(key) or setting.default)
        if setting.choices and text not in setting.choices:
            raise _refused(
                f"setting `{key}` may not be `{text}`", f"one of {', '.join(setting.choices)}"
            )
        return text

    cache = value("store.cache")
    return Settings(
        store=StoreSettings(value("store.url"), Path(cache) if cache else None),
        log=LogSettings(value("log.level", str.lower), value("log.format", str.lower)),
        debug=value("debug") not in {"", "0"},
        now=_instant(value("now")),
    )
