"""What is worth telling a supervisor: one module a rule, named after it. Pure: what was said and known comes in."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, Protocol

from msgspec import Meta, Struct

Delay = Annotated[
    str, Meta(pattern=r"\A[1-9]\d{0,3}[mhd]\Z", description='a delay such as "30m", "24h" or "2d"')
]
Calm = Annotated[
    str,
    Meta(
        pattern=r"\A(?:[1-9]\d{0,3}[mhd])?\Z", description='a time such as "30m", "24h" or "2d"; "" for none'
    ),
]
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Common(Struct, frozen=True):
    """What every rule may be told."""

    enabled: bool = True
    urgent: bool = False
    """Sent at once: in quiet hours too, and never gathered into a digest."""
    escalate: tuple[Delay, ...] = ("24h", "48h")
    """How long each level has to answer before the next hears: supervisor, district, region."""
    calm: Calm = ""
    """How long after a report ended it the same goes on as it was, without another SMS; empty: not at all."""


class Limits(Struct, frozen=True):
    """What a product's settings say; 0: not known."""

    monthly_use: int = 0
    reorder_months: float = 1.0
    excess: int = 0
    """More than this surprises."""


class Said(Struct, frozen=True):
    """One row of a report as a rule reads it."""

    kind: str
    answers: Mapping[str, Any]
    day: date
    void: bool = False
    contact: Mapping[str, str] = {}
    """Her fields on the roster; empty for a number on none."""
    known: Mapping[str, str] = {}
    """The latest of each subject before this was said: `stock:SRO` → `12~20@1763…`, 20 being what she uses a month."""
    limits: Mapping[str, Limits] = {}


class Raise(Struct, frozen=True):
    """Something is wrong; one alert of a contact and subject is open at a time."""

    subject: str
    values: dict[str, str] = {}
    """What its words name; `@key` is itself said in the reader's language."""
    supervisor: str = ""
    """Who hears of it, when that is not hers on the roster."""
    again: bool = False
    """Told again when it is said again while it is open."""


class Clear(Struct, frozen=True):
    """Its cause has ended, if there was one."""

    subject: str


Finding = Raise | Clear


class Rule(Protocol):
    """What a module of this package is."""

    GRAVITY: int
    """What a leader hears of first, when one SMS tells several: 0 the gravest."""
    Settings: type[Common]
    judge: Callable[[Said, Any], Iterable[Finding]]


@cache
def load() -> dict[str, Any]:
    """Every rule there is, by its name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


def span(delay: str) -> timedelta:
    """`24h` as a length of time."""
    return timedelta(**{_UNITS[delay[-1]]: int(delay[:-1])})


def number(answers: Mapping[str, Any], name: str) -> int | None:
    """An answer that is a whole number; None for any other."""
    value = answers.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def word(answers: Mapping[str, Any], name: str) -> str:
    value = answers.get(name)
    return value if isinstance(value, str) else ""


def cut(text: str, most: int) -> str:
    """Somebody's own words, short enough for one segment; they are never taken for a key of ours (`@…`)."""
    plain = text.lstrip("@ ")
    return plain if len(plain) <= most else f"{plain[: most - 2]}.."
