"""The health map as the console offers it: each unit under its parents, and what of it somebody sees."""

from collections.abc import Mapping

from bot.accounts import Account
from bot.people import Unit
from bot.services.units import path_of

OFFERED = 300
"""Places in a list that still loads on a slow line."""


def areas(units: Mapping[str, Unit], seen_by: Account | None = None) -> list[tuple[str, str]]:
    """Path and name of each unit, from the top down; the name is set in under its parent's."""
    paths = sorted((_names(path_of(code, units), units), path_of(code, units)) for code in units)
    return [
        (path, "\u2003" * (len(names) - 1) + names[-1])
        for names, path in paths
        if seen_by is None or seen_by.sees(path)
    ]


def chosen_from(units: Mapping[str, Unit], seen_by: Account) -> list[tuple[str, str]]:
    """The same for a list to filter by: of a country's health map the upper levels, not three thousand centres."""
    found = areas(units, seen_by)
    depth = max((path.count("/") for path, _ in found), default=0)
    while len(found) > OFFERED and depth > 0:
        depth -= 1
        found = [(path, name) for path, name in found if path.count("/") <= depth]
    return found


def name_of(path: str, units: Mapping[str, Unit]) -> str:
    """The name of the last unit of a path; its code when it is not known."""
    code = path.rpartition("/")[2]
    return units[code].name if code in units else code


def _names(path: str, units: Mapping[str, Unit]) -> list[str]:
    return [units[code].name for code in path.split("/")]
