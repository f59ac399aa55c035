"""The stock calls that phones make: who calls, what she types, and what the flow, walked without a server, shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.bare import SHOWN
from bench.phones import NETWORK, Line, Script
from bot import files
from bot.config import load
from bot.flow import engine
from bot.flow.release import Release
from bot.flow.run import Run
from bot.services.known import Programme
from bot.store.sessions import Pin

NOON = 1_795_262_400_000
"""Any moment (Unix ms): no screen of a first report says when."""
VARIANTS = 24
ONE_LOW = 18
"""Of so many variants six have one product low, and raise an alert: a third of the calls, our assumption."""
COLUMNS = "msisdn,name,role,org_unit,language,supervisor,sex,products,active,external_id"
NAME = "Awa Coulibaly"
UNITS = ("FALO", "DIARA", "SIRI", "ZEGOU")
"""Of the demo programme, whose org units are imported with the roster."""
LEADERS = {unit: f"+2236100000{place}" for place, unit in enumerate(UNITS)}
STOCK, NOTHING_CAME = "2", "2"
SIX = ("SRO", "ZIN", "PAR", "CTE", "TDR", "AMX")
ONE = ("SRO",)


class Call(Struct, frozen=True):
    """One ASC's stock report: hers alone among `VARIANTS`, so that a screen or a row that went astray is seen."""

    language: str
    script: Script
    counted: Mapping[str, Any]
    """What the ledger must say of her, once: what her box holds, by product; or her answers."""


def stock_calls(root: Path, products: tuple[str, ...]) -> tuple[Call, ...]:
    settings = load(root / "config.toml", {})
    release, programme = Release(files.source(root)), Programme(settings)
    return tuple(_call(release, programme, products, number) for number in range(VARIANTS))


def bare_scripts(calls: Iterable[Call]) -> tuple[Script, ...]:
    """The same requests to the handler that always answers the same."""
    return tuple(tuple(Line(line.typed, SHOWN) for line in call.script) for call in calls)


def peer_scripts() -> tuple[Script, ...]:
    """The same four steps on the peer, which has its own words."""
    return tuple(
        (
            Line("", "CON Kunnafoni. Choisissez :\n1 Ma journee\n2 Stock"),
            Line("2", "CON Avez-vous recu des produits ?\n1 Oui\n2 Non"),
            Line("2", "CON SRO : combien en reste-t-il (sachet) ?"),
            Line(str(quantity), f"END Stock enregistre : SRO {quantity}. Merci."),
        )
        for quantity in range(1, VARIANTS + 1)
    )


def leaders() -> Iterator[str]:
    """The rows of those who hear of what is low, one a unit."""
    yield from (f"{leader},Dr Traore,dtc,{unit},fr,,f,,true," for unit, leader in LEADERS.items())


def roster(first: int, calls: Sequence[Call], most: int) -> Iterator[str]:
    """The rows of those who make these calls, from that number on."""
    for number in range(first, first + most):
        call = calls[number % len(calls)]
        unit, products = UNITS[number % len(UNITS)], " ".join(call.counted)
        yield f"+223{number:08d},{NAME},asc,{unit},{call.language},{LEADERS[unit]},f,{products},true,"


def _call(release: Release, programme: Programme, products: tuple[str, ...], variant: int) -> Call:
    language = ("fr", "bm")[variant % 2]
    counted = {
        product: _counted(programme, product, place, variant) for place, product in enumerate(products)
    }
    typed = (STOCK, NOTHING_CAME, *map(str, counted.values()))
    return Call(language, _played(release, programme, language, products, typed), counted)


def called(root: Path, language: str, typed: Iterable[str], said: Mapping[str, Any]) -> Call:
    """A call of somebody without a box, who types this and is kept as having said that."""
    release, programme = Release(files.source(root)), Programme(load(root / "config.toml", {}))
    return Call(language, _played(release, programme, language, (), typed), said)


def _played(
    release: Release, programme: Programme, language: str, products: tuple[str, ...], typed: Iterable[str]
) -> Script:
    contact = {
        "name": NAME,
        "role": "asc",
        "active": "1",
        "language": language,
        "products": " ".join(products),
    }
    caller = programme.caller("+22371000000", Pin(NOON, release.number, contact, {}), release)
    run = engine.begin(release, caller, programme.screens(NETWORK, letters=False))
    lines = [_line("", run)]
    for text in typed:
        run = engine.step(run, text)
        lines.append(_line(text, run))
    return tuple(lines)


def _counted(programme: Programme, product: str, place: int, variant: int) -> int:
    """Enough for a month and some, or too little."""
    use = programme.products[product].monthly_use
    return 1 + variant % 10 if place == variant % ONE_LOW else use + 1 + (variant + 7 * place) % VARIANTS


def _line(typed: str, run: Run) -> Line:
    return Line(typed, f"{'END' if engine.over(run) else 'CON'} {engine.page(run)}")
