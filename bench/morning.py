"""`python -m bench.morning`: the ASC of a continent check in within one hour; some minutes of that, at its full pace.

A million in an hour are 278 calls a second. They come at random moments whether or not the gateway keeps up, and a
step's wait is counted from when she pressed the key. Everything runs here: gateway and worker in one process, the
embedded store, the phones. Afterwards the ledger is held against what they heard.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import click
from msgspec import Struct

from bench import calls, servers
from bench.account import Audit
from bench.calls import Call, called
from bench.house import House
from bench.load import Round, round_of
from bench.phones import Plan
from bench.processes import ROOT, cores
from bench.sides import Dialled

ASC, HOUR = 1_000_000, 3600.0
FIRST = 60_000_000
LINES = 64
"""Connections that the provider keeps open."""
LONGEST_WAIT = 100.0
"""What p99 should stay under, in ms."""
DAYS: tuple[tuple[int, tuple[str, ...], Mapping[str, Any]], ...] = (
    (14, ("1", "1", "1"), {"status": "present", "seen": ["none"]}),
    (3, ("1", "1", "2", "3"), {"status": "present", "seen": ["malaria"], "malaria": 3}),
    (2, ("1", "1", "4", "2"), {"status": "present", "seen": ["cough"], "cough": 2}),
    (1, ("1", "3", "1"), {"status": "absent", "why": "ill"}),
)
"""Of twenty ASC so many say this: a quiet day for most, one screen more for who saw a disease. Our own assumption."""


class Row(Struct, frozen=True):
    msisdn: str
    answers: dict[str, Any]


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long the pace is held.")
@click.option(
    "--roster", default=0, help="Contacts on the roster; by default those who call. 1000000 for all."
)
@click.option("--think", default=2.0, show_default=True, help="Seconds between two screens.")
@click.option("--pace", default=ASC / HOUR, show_default=True, help="Calls a second.")
def main(*, minutes: float, roster: int, think: float, pace: float) -> None:
    """Hold the pace; exit 1 when anything was lost, doubled, or not answered as it should."""
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        morning = hold(Path(name), minutes * 60, pace, think, roster)
    for line in lines(morning, minutes, pace):
        click.echo(line)
    sys.exit(0 if right(morning) else 1)


class Morning(Struct, frozen=True):
    round: Round
    audit: Audit
    contacts: int


def hold(folder: Path, seconds: float, pace: float, think: float, roster: int = 0) -> Morning:
    days = check_ins()
    # Moments are drawn: some seconds hold more calls than others.
    many = round(pace * seconds + 5 * (pace * seconds) ** 0.5)
    contacts = max(roster, many)
    house = House(folder / "house")
    house.import_roster(roster_of(days, contacts))
    gateway, others = cores()
    with servers.kunnafoni(house.folder, gateway, others) as served:
        scripts = tuple(call.script for call in days)
        patience = 10.0 + 6 * think
        plan = Plan(served.port, scripts, FIRST, many, seconds, LINES, patience, pace, think)
        held = round_of(Dialled(served, plan.scripts, house), plan)
    told = {f"+223{number:08d}": days[number % len(days)].counted for number in held.outcome.acknowledged}
    return Morning(held, audit(told, house.ledger("checkin", Row)), contacts)


def check_ins() -> tuple[Call, ...]:
    """Twenty different days, in an order without order."""
    ones = [(typed, said) for share, typed, said in DAYS for _ in range(share)]
    Random(1).shuffle(ones)
    return tuple(
        called(ROOT, ("fr", "bm")[number % 2], typed, said) for number, (typed, said) in enumerate(ones)
    )


def roster_of(days: tuple[Call, ...], many: int) -> Iterator[str]:
    yield calls.COLUMNS
    yield from calls.leaders()
    for number in range(FIRST, FIRST + many):
        unit, language = calls.UNITS[number % len(calls.UNITS)], days[number % len(days)].language
        yield f"+223{number:08d},{calls.NAME},asc,{unit},{language},{calls.LEADERS[unit]},f,,true,"


def audit(told: Mapping[str, Mapping[str, Any]], rows: Iterable[Row]) -> Audit:
    said = Counter((msisdn, _key(answers)) for msisdn, answers in told.items())
    kept = Counter((row.msisdn, _key(row.answers)) for row in rows if row.msisdn in told)
    return Audit(said.total(), lost=(said - kept).total(), surplus=(kept - said).total())


def _key(answers: Mapping[str, Any]) -> str:
    return repr(sorted(answers.items()))


def right(morning: Morning) -> bool:
    return not (morning.round.outcome.wrong or morning.audit.lost or morning.audit.surplus)


def lines(morning: Morning, minutes: float, pace: float) -> Iterator[str]:
    held, account = morning.round, morning.audit
    outcome = held.outcome
    p50, p95, p99 = outcome.waits
    yield f"{pace:,.0f} calls a second for {minutes:g} minutes; {morning.contacts:,} contacts on the roster"
    yield (
        f"{outcome.steps:,} steps, {outcome.steps / max(1, account.acknowledged):.2f} a check-in, "
        f"{outcome.rate:,.0f} a second; p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} ms"
    )
    yield f"processor time a step, µs: gateway {held.micros:.0f}, store {held.store:.0f}, phones {held.phones:.0f}"
    yield f"{account.acknowledged:,} check-ins acknowledged: {account.lost} lost, {account.surplus} doubled or altered"
    yield from (f"wrong: {sentence}" for sentence in outcome.wrong[:5])
    verdict = "reached" if p99 < LONGEST_WAIT and right(morning) else "MISSED"
    yield f"p99 under {LONGEST_WAIT:.0f} ms, nothing lost: {verdict}"


if __name__ == "__main__":
    main()
