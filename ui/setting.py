"""A declared setting, and how texts of settings are read; a wrong one is refused with one line."""

from __future__ import annotations

from dataclasses import dataclass

from graph.errors import ConfigError, EstateError, with_advice


@dataclass(frozen=True, slots=True)
class Setting:
    """A declared setting: where it stands in the file, its variable, its default and what it is for."""

    key: str  # `section.name` in the file; a name of its own stands only in the environment
    variable: str
    default: str
    doc: str
    choices: tuple[str, ...] = ()
    number: bool = False  # may stand in the file as a number


def refused(message: str, advice: str) -> EstateError:
    """The error for a value that a setting may not have."""
    return with_advice(ConfigError(message), advice)


def whole(key: str, text: str, *, least: int, most: int) -> int:
    """The number that a setting holds; what is none, or lies outside its bounds, is refused."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= number <= most:
        raise refused(
            f"setting `{key}` may not be `{text}`", f"a whole number from {least} to {most}"
        )
    return number


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list with commas, without empty ones."""
    return tuple(name for part in text.split(",") if (name := part.strip()))
