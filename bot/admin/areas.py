"""The health map as the console offers it: each unit under its parents, and what of it somebody sees."""

from collections.abc import Mapping

from bot.accounts import Account
from bot.people import Unit
from bot.services.units import path_of


def areas(units: Mapping[str, Unit], seen_by: Account | None = None) -> list[tuple[str, str]]:
    """Path and name of each unit, from the top down; the name is set in under its parent's."""
    paths = sorted((_names(path_of(code, units), units), path_of(code, units)) for code in units)
    return [
        (path, "\u2003" * (len(names) - 1) + names[-1])
        for names, path in paths
        if seen_by is None or seen_by.sees(path)
    ]


def name_of(path: str, units: Mapping[str, Unit]) -> str:
    """The name of the last unit of a path; its code when it is not known."""
    code = path.rpartition("/")[2]
    return units[code].name if code in units else code


def _names(path: str, units: Mapping[str, Unit]) -> list[str]:
    return [units[code].name for code in path.split("/")]
