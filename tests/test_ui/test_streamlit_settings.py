"""What is declared for Streamlit is in force in the served process, and nothing that a machine configures is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ui.streamlit_settings import DARK, FIXED, LIGHT, place, shipped, theme

ROOT = Path(__file__).parents[2]
HOSTS = ("localhost", "127.0.0.1", "::1")
# Serves, and once it listens says what Streamlit holds in that very process; then ends.
ASKING = """
import json, os, pathlib, signal
from ui.serve import Place, serve

def told(url):
    from streamlit import config
    held = {
        key: [option.value, option.default_val]
        for key, option in config.get_config_options().items()
    }
    print(json.dumps({"url": url, "held": held}), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

serve(Place(port=0), store="sqlite:///none.db", script=pathlib.Path("page.py"), told=told)
"""
# Files that a user, or the folder that the program is started in, may hold.
WEAK = """
[server]
enableCORS = false
enableXsrfProtection = false
allowedHosts = ["*"]
corsAllowedOrigins = ["http://192.0.2.1"]
enableAgentApi = true
enableStaticServing = true
baseUrlPath = "elsewhere"
sslCertFile = "none.pem"
fileWatcherType = "poll"
[server.trustedUserHeaders]
X-User = "name"
[client]
showErrorDetails = "full"
toolbarMode = "developer"
[browser]
gatherUsageStats = true
[ui]
hideTopBar = true
[theme]
base = "http://192.0.2.1/theme.toml"
[unheard]
of = true
"""


def asked(folder: Path, **variables: str) -> dict[str, Any]:
    """What the served process holds when it is started in this folder."""
    (folder / "page.py").write_text("import streamlit as st\nst.title('page')\n")
    ended = subprocess.run(
        [sys.executable, "-c", ASKING],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def held(told: dict[str, Any]) -> dict[str, Any]:
    """The values of one start, without those that differ from start to start."""
    own = ("server.port", "browser.serverPort", "server.cookieSecret")
    return {key: value for key, (value, _) in told["held"].items() if key not in own}


def wanted(url: str) -> dict[str, Any]:
    return dict(shipped("127.0.0.1", int(url.rpartition(":")[2]), HOSTS))


def test_every_shipped_value_is_in_force(tmp_path: Path) -> None:
    told = asked(tmp_path)

    values = {key: value for key, (value, _) in told["held"].items()}
    assert {key: values[key] for key in wanted(told["url"])} == wanted(told["url"])


def test_files_of_the_machine_change_nothing(tmp_path: Path) -> None:
    home, here, bare = (tmp_path / name for name in ("home", "here", "bare"))
    for folder in (home, here):
        (folder / ".streamlit").mkdir(parents=True)
        (folder / ".streamlit" / "config.toml").write_text(WEAK)
    bare.mkdir()

    with_files, without = (held(asked(here, HOME=str(home))), held(asked(bare)))

    assert with_files == without


def test_the_variables_of_the_machine_change_nothing_but_the_secret(tmp_path: Path) -> None:
    told = asked(
        tmp_path,
        STREAMLIT_SERVER_ENABLE_CORS="false",
        STREAMLIT_SERVER_ALLOWED_HOSTS="*",
        STREAMLIT_SERVER_COOKIE_SECRET="shared",  # noqa: S106 - a word for the test
    )

    values = held(told)
    assert (values["server.enableCORS"], values["server.allowedHosts"]) == (True, list(HOSTS))
    assert told["held"]["server.cookieSecret"][0] == "shared"


def test_each_option_is_declared_once_and_with_its_reason() -> None:
    rows = (*FIXED, *theme(), *place("127.0.0.1", 1, HOSTS))

    assert len({row.key for row in rows}) == len(rows)
    assert [row.key for row in rows if not row.why] == []


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
@pytest.mark.parametrize("ink", ["textColor", "linkColor", "redTextColor", "grayTextColor"])
def test_text_stands_out_from_its_ground(palette: dict[str, str], ground: str, ink: str) -> None:
    light, dark = sorted((_luminance(palette[ground]), _luminance(palette[ink])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5
