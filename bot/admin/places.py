"""An area and what lies directly below it: how a page goes down the health map, one level at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from aiohttp import web

from bot.admin.visit import Visit
from bot.people import Unit


class Placed(Protocol):
    @property
    def path(self) -> str: ...


T = TypeVar("T", bound=Placed)


def asked_for(visit: Visit, units: Mapping[str, Unit]) -> str:
    """The path that the address names, else her own area, else the top of the map; outside her area there is none."""
    path = visit.query.get("area", "") or visit.account.area or _top(units)
    if not visit.account.sees(path):
        raise web.HTTPNotFound
    return path


def _top(units: Mapping[str, Unit]) -> str:
    tops = [code for code, unit in units.items() if not unit.parent]
    return tops[0] if len(tops) == 1 else ""


def below(path: str, things: Iterable[T]) -> dict[str, list[T]]:
    """What lies in each part of an area; what lies in no part of it, under the area itself."""
    found: defaultdict[str, list[T]] = defaultdict(list)
    depth = len(path.split("/")) + 1 if path else 1
    for one in things:
        if not path or f"{one.path}/".startswith(f"{path}/"):
            found["/".join(one.path.split("/")[:depth])].append(one)
    return found


def way(visit: Visit, path: str, units: Mapping[str, Unit]) -> list[tuple[str, str]]:
    """Path and name of each place above this one that she sees, and of itself."""
    codes = path.split("/") if path else []
    paths = ["/".join(codes[: place + 1]) for place in range(len(codes))]
    return [
        (one, units[code].name if code in units else code)
        for one, code in zip(paths, codes, strict=True)
        if visit.account.sees(one)
    ]
