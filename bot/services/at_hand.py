"""What a leader has at hand: her open alerts, who has not checked in, who asks to join. Pinned with her call."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, json, structs

from bot.flow.run import Item
from bot.rules.newcomer import SUBJECT as NEWCOMER
from bot.services import sending
from bot.store.alerts import Alert
from bot.store.sessions import Pin

if TYPE_CHECKING:
    from bot.flow.definition import Value
    from bot.flow.release import Release

KEY = "at_hand"
"""Under which a pin knows it."""
MOST_ALERTS, MOST_MISSING, MOST_NEWCOMERS = 20, 40, 10
"""How many a call lists; the rest is counted."""
LISTS = ("alerts", "missing", "newcomers")


class Held(Struct, frozen=True):
    """An alert that is not resolved."""

    number: int
    kind: str
    state: str
    values: dict[str, str]


class Missing(Struct, frozen=True):
    """An ASC who has not checked in today."""

    msisdn: str
    name: str
    last: str
    """The day of her last check-in, `19/11`; "" when there is none."""


class AtHand(Struct, frozen=True):
    """A leader's team and alerts at one moment; counts are of all, lists of the first."""

    alerts: tuple[Held, ...] = ()
    missing: tuple[Missing, ...] = ()
    newcomers: tuple[Held, ...] = ()
    open: int = 0
    asc: int = 0
    checked: int = 0


def of(held: Iterable[Alert], missing: Iterable[Missing], asc: int) -> AtHand:
    """What waits for an answer before what has one."""
    standing = sorted(held, key=lambda alert: alert.state != "open")
    alerts = [_held(alert) for alert in standing if alert.kind != NEWCOMER]
    newcomers = [_held(alert) for alert in standing if alert.kind == NEWCOMER]
    away = tuple(missing)
    return AtHand(
        alerts=tuple(alerts[:MOST_ALERTS]),
        missing=away[:MOST_MISSING],
        newcomers=tuple(newcomers[:MOST_NEWCOMERS]),
        open=sum(alert.state == "open" for alert in alerts),
        asc=asc,
        checked=asc - len(away),
    )


def _held(alert: Alert) -> Held:
    values = {**alert.values, "number": str(alert.number)}
    return Held(alert.number, alert.kind, alert.state, values)


def pinned(pin: Pin, hand: AtHand) -> Pin:
    return structs.replace(pin, known={**pin.known, KEY: json.encode(hand).decode()})


def facts(hand: AtHand) -> Mapping[str, "Value"]:
    return {"open": hand.open, "asc": hand.asc, "checked": hand.checked}


def lists(hand: AtHand, release: "Release", language: str) -> Mapping[str, tuple[Item, ...]]:
    return {
        "alerts": tuple(_item(held, release, language) for held in hand.alerts),
        "newcomers": tuple(_item(held, release, language) for held in hand.newcomers),
        "missing": tuple(
            Item(
                one.msisdn,
                {"fr": one.name},
                {"who": one.name, "phone": one.msisdn, "last_day": one.last or "-"},
            )
            for one in hand.missing
        ),
    }


def read(known: Mapping[str, str]) -> AtHand | None:
    """What the pin holds; None for whoever leads nobody."""
    return json.decode(known[KEY], type=AtHand) if KEY in known else None


def _item(held: Held, release: "Release", language: str) -> Item:
    mark = "" if held.state == "open" else " (OK)"
    labels = {code: f"{_words(held, release, code, 'line')}{mark}" for code in release.words.languages}
    told: dict[str, Value] = {
        "told": _words(held, release, language, "told"),
        "number": str(held.number),
        "phone": held.values.get("msisdn", ""),
        "who": held.values.get("name", ""),
    }
    return Item(str(held.number), labels, told)


def _words(held: Held, release: "Release", language: str, which: str) -> str:
    try:
        return sending.say(release, language, f"alert.{held.kind}.{which}", held.values)
    except KeyError:
        # The words of a rule that is gone: what it was about is said as it is kept.
        return f"{held.number} {held.kind} {held.values.get('name', '')}".strip()
