"""Settings: one TOML file and the environment, read once into a frozen tree and passed down."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from graph.errors import ConfigError
from queries.context import Context
from ui.context_settings import CONTEXT_SETTINGS, context_of
from ui.notify_settings import NOTIFY_SETTINGS, NotifySettings, notify_of
from ui.setting import Setting, listed, refused, whole

CONFIG_VARIABLE = "SHADOWGRAPH_CONFIG"
DEFAULT_FILE = "shadowgraph.toml"
LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
# A name or an address; a leading `*.` covers all names below, a `*` alone would switch the check off.
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|[0-9a-f:]*:[0-9a-f:.]*")


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
        "ui.port",
        "SHADOWGRAPH_UI_PORT",
        "8501",
        "The port of the app; 0 takes a free one.",
        number=True,
    ),
    Setting(
        "ui.address",
        "SHADOWGRAPH_UI_ADDRESS",
        "127.0.0.1",
        "The address that the app listens on; whoever reaches it reads the estate.",
    ),
    Setting(
        "ui.allowed_hosts",
        "SHADOWGRAPH_UI_ALLOWED_HOSTS",
        "localhost,127.0.0.1,::1",
        "The host names that the app answers to, with commas between; `*.example.com` covers all below it.",
    ),
    Setting(
        "ui.stale_after_hours",
        "SHADOWGRAPH_UI_STALE_AFTER_HOURS",
        "36",
        "The age at which the app calls what was read out of date.",
        number=True,
    ),
    Setting(
        "aws.profile",
        "SHADOWGRAPH_AWS_PROFILE",
        "",
        "The profile of the AWS configuration to collect with; the SDK's own chain where it is empty.",
    ),
    Setting(
        "aws.accounts",
        "SHADOWGRAPH_AWS_ACCOUNTS",
        "",
        "The accounts to read, with commas between; `all` takes those of the organisation; the own one where it is empty.",
    ),
    Setting(
        "aws.regions",
        "SHADOWGRAPH_AWS_REGIONS",
        "",
        "The regions to read, with commas between; those that are enabled in each account where it is empty.",
    ),
    Setting(
        "aws.role",
        "SHADOWGRAPH_AWS_ROLE",
        "",
        "The name of the role to assume in accounts other than the own one.",
    ),
    Setting(
        "aws.external_id",
        "SHADOWGRAPH_AWS_EXTERNAL_ID",
        "",
        "The external id that the trust policies of these roles ask for.",
    ),
    Setting(
        "aws.endpoint_url",
        "SHADOWGRAPH_AWS_ENDPOINT_URL",
        "",
        "Another address for all calls, such as a proxy or a test server.",
    ),
    Setting(
        "aws.ca_file",
        "SHADOWGRAPH_AWS_CA_FILE",
        "",
        "The certificates to trust, where a proxy has its own.",
    ),
    Setting(
        "aws.tries",
        "SHADOWGRAPH_AWS_TRIES",
        "8",
        "How often a call is tried before it counts as throttled or failed.",
        number=True,
    ),
    Setting(
        "aws.lookback_days",
        "SHADOWGRAPH_AWS_LOOKBACK_DAYS",
        "90",
        "How many days of log events are read.",
        number=True,
    ),
    Setting(
        "aws.trails",
        "SHADOWGRAPH_AWS_TRAILS",
        "",
        "Folders of trail files to read as well, with commas between, e.g. s3://audit-log/AWSLogs; none where it is empty.",
    ),
    Setting(
        "records.files",
        "SHADOWGRAPH_RECORDS_FILES",
        "",
        "Systems of record that a scan loads as well, with commas between: Terraform states, inventories, lists of leavers.",
    ),
    *CONTEXT_SETTINGS,
    *NOTIFY_SETTINGS,
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
class UiSettings:
    """Where the app listens, which names it answers to, and when it calls data old."""

    port: int
    address: str
    allowed_hosts: tuple[str, ...]
    stale_after: timedelta


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """How AWS is reached, and what of it is read."""

    profile: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    role: str
    external_id: str
    endpoint_url: str
    ca_file: str
    tries: int
    lookback: timedelta
    trails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole tree, as commands receive it."""

    store: StoreSettings
    log: LogSettings
    ui: UiSettings
    aws: AwsSettings
    records: tuple[Path, ...]  # the files that a scan loads beside the clouds
    context: Context
    notify: NotifySettings
    debug: bool
    now: datetime | None


def _parsed(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = str(error).splitlines()[0].lower()
        raise ConfigError(f"settings file `{path}` cannot be read: {reason}") from error


def _flat(tree: Mapping[str, object], path: Path) -> dict[str, str]:
    """The file's values by `section.name`; unknown keys and values that are no text are refused."""
    known = {setting.key: setting for setting in SETTINGS if "." in setting.key}
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
                raise refused(f"unknown setting `{key}` in `{path}`", hint)
            counted = known[key].number and type(value) is int
            if not isinstance(value, str) and not counted:
                raise ConfigError(f"setting `{key}` in `{path}` must be text, not `{value}`")
            found[key] = str(value)
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
        raise refused(
            f"`{text}` is no instant", "write it like 2026-03-01T06:00:00Z in SHADOWGRAPH_NOW"
        ) from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _host_names(text: str) -> tuple[str, ...]:
    """The names in a list with commas; one that lets every name in is refused."""
    names = tuple(name.lower() for part in text.split(",") if (name := part.strip()))
    wrong = [name for name in names if not _HOST.fullmatch(name)]
    if wrong or not names:
        raise refused(
            f"setting `ui.allowed_hosts` may not hold `{(*wrong, text)[0]}`",
            "host names without port, such as `graph.example.com` or `*.example.com`",
        )
    return names


def _ui_settings(value: Callable[[str], str]) -> UiSettings:
    hours = value("ui.stale_after_hours")
    return UiSettings(
        port=whole("ui.port", value("ui.port"), least=0, most=65_535),
        address=value("ui.address"),
        allowed_hosts=_host_names(value("ui.allowed_hosts")),
        stale_after=timedelta(hours=whole("ui.stale_after_hours", hours, least=1, most=87_600)),
    )


_ACCOUNT = re.compile(r"\d{12}|all")
_FOLDER = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^,|]*)?")
_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d|all")


def _names(key: str, text: str, form: re.Pattern[str], advice: str) -> tuple[str, ...]:
    """The names in a list with commas; one that is none of this form is refused."""
    names = tuple(name for part in text.split(",") if (name := part.strip()))
    wrong = [name for name in names if not form.fullmatch(name)]
    if wrong:
        raise refused(f"setting `{key}` may not hold `{wrong[0]}`", advice)
    return names


def aws_accounts(text: str) -> tuple[str, ...]:
    """The accounts in a list with commas."""
    return _names("aws.accounts", text, _ACCOUNT, "account ids of twelve digits, or `all`")


def aws_regions(text: str) -> tuple[str, ...]:
    """The regions in a list with commas."""
    return _names("aws.regions", text, _REGION, "regions such as `eu-west-1`, or `all`")


def _aws_settings(value: Callable[[str], str]) -> AwsSettings:
    return AwsSettings(
        profile=value("aws.profile"),
        accounts=aws_accounts(value("aws.accounts")),
        regions=aws_regions(value("aws.regions")),
        role=value("aws.role"),
        external_id=value("aws.external_id"),
        endpoint_url=value("aws.endpoint_url"),
        ca_file=value("aws.ca_file"),
        tries=whole("aws.tries", value("aws.tries"), least=1, most=50),
        lookback=timedelta(
            days=whole("aws.lookback_days", value("aws.lookback_days"), least=1, most=400)
        ),
        trails=_names(
            "aws.trails", value("aws.trails"), _FOLDER, "folders such as s3://audit-log/AWSLogs"
        ),
    )


def read_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """The settings: defaults, then the file that `SHADOWGRAPH_CONFIG` or the folder holds, then the environment."""
    written = _from_file(environment, folder)

    def value(key: str, shape: Callable[[str], str] = str) -> str:
        setting = next(entry for entry in SETTINGS if entry.key == key)
        text = shape(environment.get(setting.variable) or written.get(key) or setting.default)
        if setting.choices and text not in setting.choices:
            raise refused(
                f"setting `{key}` may not be `{text}`", f"one of {', '.join(setting.choices)}"
            )
        return text

    cache = value("store.cache")
    return Settings(
        store=StoreSettings(value("store.url"), Path(cache) if cache else None),
        log=LogSettings(value("log.level", str.lower), value("log.format", str.lower)),
        ui=_ui_settings(value),
        aws=_aws_settings(value),
        records=tuple(map(Path, listed(value("records.files")))),
        context=context_of(value),
        notify=notify_of(value),
        debug=value("debug") not in {"", "0"},
        now=_instant(value("now")),
    )
