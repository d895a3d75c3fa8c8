"""Settings come from one file and the environment, and a wrong one is refused in one line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph.errors import ConfigError
from ui.settings import SETTINGS, UiSettings, read_settings


def test_without_file_and_environment_the_defaults_hold(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)

    assert (settings.store.url, settings.store.cache, settings.log.level, settings.now) == (
        "sqlite:///estate.db",
        None,
        "warning",
        None,
    )


def test_the_file_in_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "shadowgraph.toml").write_text('[store]\nurl = "sqlite:///team.db"\n')

    assert read_settings({}, tmp_path).store.url == "sqlite:///team.db"


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    (tmp_path / "shadowgraph.toml").write_text('[store]\nurl = "sqlite:///team.db"\n')

    assert read_settings({"SHADOWGRAPH_STORE": "other.db"}, tmp_path).store.url == "other.db"


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_settings({"SHADOWGRAPH_CONFIG": str(tmp_path / "none.toml")}, tmp_path)


def test_a_broken_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "shadowgraph.toml").write_text("[store\n")

    with pytest.raises(ConfigError) as caught:
        read_settings({}, tmp_path)

    assert "\n" not in str(caught.value)


def test_an_unknown_key_is_refused_with_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "shadowgraph.toml").write_text('[store]\nurll = "x"\n')

    with pytest.raises(ConfigError) as caught:
        read_settings({}, tmp_path)

    assert caught.value.__notes__ == ["did you mean `store.url`?"]


def test_a_value_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shadowgraph.toml").write_text("[store]\nurl = 3\n")

    with pytest.raises(ConfigError, match="must be text"):
        read_settings({}, tmp_path)


def test_an_unknown_level_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="may not be `loud`"):
        read_settings({"SHADOWGRAPH_LOG_LEVEL": "loud"}, tmp_path)


def test_the_instant_is_read_in_utc(tmp_path: Path) -> None:
    settings = read_settings({"SHADOWGRAPH_NOW": "2026-03-01T08:00:00+02:00"}, tmp_path)

    assert settings.now == datetime(2026, 3, 1, 6, tzinfo=UTC)


def test_a_wrong_instant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no instant"):
        read_settings({"SHADOWGRAPH_NOW": "soon"}, tmp_path)


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("0", False), ("", False)])
def test_debug_is_on_unless_empty_or_zero(tmp_path: Path, value: str, wanted: bool) -> None:
    assert read_settings({"SHADOWGRAPH_DEBUG": value}, tmp_path).debug is wanted


def test_every_setting_has_a_key_a_variable_and_a_sentence_of_its_own() -> None:
    for column in ("key", "variable", "doc"):
        values = [getattr(setting, column) for setting in SETTINGS]
        assert len(set(values)) == len(values)


def test_where_the_app_listens_is_a_setting(tmp_path: Path) -> None:
    (tmp_path / "shadowgraph.toml").write_text(
        '[ui]\nport = 8600\naddress = "::1"\nallowed_hosts = "Graph.example.com, *.example.org"\n'
        'stale_after_hours = "12"\n'
    )

    assert read_settings({}, tmp_path).ui == UiSettings(
        8600, "::1", ("graph.example.com", "*.example.org"), timedelta(hours=12)
    )


def test_without_settings_the_app_is_for_this_machine(tmp_path: Path) -> None:
    assert read_settings({}, tmp_path).ui == UiSettings(
        8501, "127.0.0.1", ("localhost", "127.0.0.1", "::1"), timedelta(hours=36)
    )


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("PORT", "http", "a whole number from 0 to 65535"),
        ("PORT", "٨٥٠١", "a whole number from 0 to 65535"),
        ("STALE_AFTER_HOURS", "0", "a whole number from 1 to 87600"),
        ("STALE_AFTER_HOURS", "1.5", "a whole number from 1 to 87600"),
    ],
)
def test_a_number_outside_its_bounds_is_refused(
    tmp_path: Path, variable: str, value: str, advice: str
) -> None:
    with pytest.raises(ConfigError, match="may not be") as caught:
        read_settings({f"SHADOWGRAPH_UI_{variable}": value}, tmp_path)

    assert caught.value.__notes__ == [advice]


@pytest.mark.parametrize("hosts", ["*", "a.example:8501", "http://a.example", ",", "a b", "*.*.x"])
def test_a_list_of_hosts_that_names_none_or_all_is_refused(tmp_path: Path, hosts: str) -> None:
    with pytest.raises(ConfigError, match=r"setting `ui.allowed_hosts` may not hold"):
        read_settings({"SHADOWGRAPH_UI_ALLOWED_HOSTS": hosts}, tmp_path)
