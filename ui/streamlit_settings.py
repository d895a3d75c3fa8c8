"""What is set in Streamlit, as data with reasons; nothing else that a machine configures is in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Shipped:
    """One option of Streamlit, the value that the app is served with, and why."""

    key: str
    value: Value
    why: str


FIXED = (
    Shipped("global.developmentMode", False, "it serves no assets and lets every origin in"),
    Shipped("global.suppressDeprecationWarnings", True, "they are for who writes the app"),
    Shipped("logger.level", "error", "one line is told at the start, and that is ours"),
    Shipped("logger.hideWelcomeMessage", True, "as above"),
    Shipped("logger.enableRich", False, "a log is read by programs as well"),
    Shipped("client.showErrorDetails", "none", "a trace shows the machine and the data"),
    Shipped("client.showErrorLinks", False, "they hand the text of an error to a search engine"),
    Shipped("client.toolbarMode", "viewer", "nobody who reads the app develops or deploys it"),
    Shipped(
        "client.disableDataExport", True, "a table's own CSV holds live formulas; ours does not"
    ),
    Shipped("client.allowedOrigins", [], "no page of another origin may send it messages"),
    Shipped("runner.magicEnabled", False, "only what is written to the page appears on it"),
    Shipped("runner.fastReruns", True, "a new click ends the run of the one before"),
    Shipped("server.headless", True, "no browser is opened and no e-mail address asked for"),
    Shipped("server.showEmailPrompt", False, "as above"),
    Shipped("server.fileWatcherType", "none", "the program does not change while it is served"),
    Shipped("server.runOnSave", False, "as above"),
    Shipped("server.allowRunOnSave", False, "as above"),
    Shipped("server.enableCORS", True, "else every origin opens the WebSocket"),
    Shipped("server.corsAllowedOrigins", [], "no other origin has business here"),
    Shipped("server.enableXsrfProtection", True, "an upload must come from our own page"),
    Shipped("server.xsrfCookieSameSite", "strict", "no other site sends its cookie"),
    Shipped("server.enableStaticServing", False, "a folder that nobody needs to serve"),
    Shipped("server.enableAgentApi", False, "the estate by HTTP, without a page"),
    Shipped("server.scriptHealthCheckEnabled", False, "it runs the app for whoever asks"),
    Shipped("server.maxUploadSize", 1, "MB; the default takes 200 from anyone"),
    Shipped("server.maxMessageSize", 50, "MB; the largest answer that a page may hold"),
    Shipped("server.maxWidgetStateSize", 4, "MB; what a page may send back"),
    Shipped("server.disconnectedSessionTTL", 120, "seconds; what a closed page may still cost"),
    Shipped("browser.gatherUsageStats", False, "nothing is reported to anyone"),
    Shipped("secrets.files", [], "it needs none, and one of another project must not be read"),
)

# What a machine may decide all the same: several replicas share one secret.
KEPT = frozenset({"server.cookieSecret"})

LIGHT: Mapping[str, str] = {
    "primaryColor": "#0B5FA5",
    "backgroundColor": "#FFFFFF",
    "secondaryBackgroundColor": "#F4F6F9",
    "textColor": "#1B2430",
    "borderColor": "#D5DBE3",
    "linkColor": "#0B5FA5",
    "redTextColor": "#B4232A",
    "grayTextColor": "#586575",
    "dataframeHeaderTextColor": "#586575",
}
DARK: Mapping[str, str] = {
    "primaryColor": "#5BA8F5",
    "backgroundColor": "#0F1620",
    "secondaryBackgroundColor": "#18212E",
    "textColor": "#E6EBF2",
    "borderColor": "#314054",
    "linkColor": "#5BA8F5",
    "redTextColor": "#FF6B6B",
    "grayTextColor": "#A3B1C2",
    "dataframeHeaderTextColor": "#A3B1C2",
}


def theme() -> tuple[Shipped, ...]:
    """The two palettes; the browser's preference, or the reader's choice in the menu, says which is on."""
    colours = (
        Shipped(f"theme.{mode}.{name}", colour, "the palette of the house")
        for mode, palette in (("light", LIGHT), ("dark", DARK))
        for name, colour in palette.items()
    )
    return (
        Shipped("theme.base", None, "a base may be an address to fetch, and would fix the mode"),
        Shipped("theme.baseRadius", "8px", "the corners of the house"),
        Shipped(
            "theme.headingFontSizes",
            ["1.85rem", "1.5rem", "1.25rem", "1.1rem", "1rem", "1rem"],
            "titles are whole sentences here",
        ),
        Shipped("theme.showWidgetBorder", True, "an input must be seen without its colour"),
        *colours,
    )


def place(address: str, port: int, hosts: tuple[str, ...]) -> tuple[Shipped, ...]:
    """What depends on where the app is served, and under which names."""
    return (
        Shipped("server.address", address, "opening it up is a deliberate act"),
        Shipped("server.port", port, "the port that is held already"),
        Shipped("server.allowedHosts", list(hosts), "the default answers to any name"),
        Shipped("browser.serverAddress", address, "Streamlit asks the network where it is unset"),
        Shipped("browser.serverPort", port, "as above"),
    )


def shipped(address: str, port: int, hosts: tuple[str, ...]) -> dict[str, Value]:
    """Every option that we set, by dotted name."""
    return {row.key: row.value for row in (*FIXED, *theme(), *place(address, port, hosts))}


def enforce(wanted: Mapping[str, Value]) -> None:
    """Put these options in force in this process, and every other one back to its default.

    Streamlit reads `.streamlit/config.toml` of the user, of the current folder and of the script's folder; whatever
    they say loses against what is given here, and what is not given here is not theirs to decide either.
    """
    from streamlit import config  # noqa: PLC0415  # only the app pays for streamlit
    from streamlit.logger import set_log_level  # noqa: PLC0415  # as above

    set_log_level("ERROR")  # reading the files of others warns of what stands in them
    read = config.get_config_options(force_reparse=True, options_from_flags=dict(wanted))
    defaults = {
        key: option.default_val
        for key, option in read.items()
        if option.where_defined != option.DEFAULT_DEFINITION and key not in {*wanted, *KEPT}
    }
    if defaults:
        config.get_config_options(force_reparse=True, options_from_flags={**defaults, **wanted})
