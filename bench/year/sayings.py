"""What one ASC says in a year, as the flows would have recorded it: check-ins, stock, pay, events."""

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

from msgspec import Struct, field

from bench.country import habits
from bot.flow.effects import Record

MONTHLY_USE = {
    "TDR": 20,
    "CTE": 15,
    "SRO": 20,
    "ZIN": 100,
    "AMX": 20,
    "PAR": 60,
    "CTN": 15,
    "PIL": 10,
    "ALB": 30,
    "VIT": 30,
}
"""The ten products each ASC counts. Where config.toml has a monthly use, it is that."""
WEEKS = 52
COMES_IN = 1_300_000 / (habits.ASC * 365)
"""The chance of a check-in on a day that makes 1.3 million of them in a year."""
PAY_DAY = 5
SEEN = ("malaria", "diarrhoea", "cough", "malnutrition")
EVENTS = ("cholera", "measles", "meningitis")


class Asc(Struct):
    """Who she is, as the store holds her, and what only she knows."""

    msisdn: str
    contact: dict[str, str]
    weekday: int
    """On which she counts her stock."""
    by_sms: bool
    paid: bool
    resupplied: int
    """The week of the month."""
    stock: dict[str, int] = field(default_factory=dict)
    short: set[str] = field(default_factory=set)
    """The products of which there was less than a month's use when she counted last."""


class Said(Struct, frozen=True):
    effect: Record
    raw: str
    hour: float
    judged: tuple[Record, ...] = ()
    """The rows in which a rule finds something begun or ended; of all the others it would find the same as before."""


def asc(random: Random, msisdn: str, contact: dict[str, str]) -> Asc:
    return Asc(
        msisdn=msisdn,
        contact=contact,
        weekday=random.randrange(7),
        by_sms=random.random() < habits.WRITES_SMS,
        paid=random.random() < habits.PAID,
        resupplied=random.randrange(4),
        stock={
            product: round(random.uniform(*habits.STARTS_WITH) * use) for product, use in MONTHLY_USE.items()
        },
    )


def of_a_day(random: Random, who: Asc, day: int, date: dt.date) -> Iterator[Said]:
    """What she says on that day, in the order in which she says it."""
    if random.random() < COMES_IN:
        yield _check_in(random, who)
    if day // 7 < WEEKS and day % 7 == who.weekday:
        yield _stock(random, who, day // 7)
    if date.day == PAY_DAY:
        month = date.replace(day=1) - dt.timedelta(days=1)
        answers = {"received": "yes" if who.paid else "no", "pay_month": f"{month:%m/%Y}"}
        yield Said(Record("payment", (answers,), "payment"), f"5*{1 if who.paid else 2}", 12)
    if random.random() < habits.SUSPECTS / 7:
        number = random.randint(1, 4)
        answers_of_event: dict[str, Any] = {"event": random.choice(EVENTS), "cases": number}
        event = Record("alert", (answers_of_event,), "alert")
        yield Said(event, f"3*2*{number}", 14, (event,))


def _check_in(random: Random, who: Asc) -> Said:
    if who.by_sms:
        return Said(Record("checkin", ({"status": "present"},), "checkin", "day"), "PRESENT", 8)
    answers: dict[str, Any] = {"status": "present", "seen": ["none"]}
    raw = "1*1*1"
    if random.random() > habits.NOBODY_ILL:
        seen = sorted(random.sample(range(len(SEEN)), 2))
        found = {SEEN[one]: random.randint(1, 9) for one in seen}
        answers = {"status": "present", "seen": list(found), **found}
        raw = f"1*1*{''.join(str(one + 2) for one in seen)}*{'*'.join(map(str, found.values()))}"
    return Said(Record("checkin", (answers,), "checkin", "day"), raw, 8)


def _stock(random: Random, who: Asc, week: int) -> Said:
    """A week's use, and in one week of four what came."""
    comes = week % 4 == who.resupplied and random.random() < habits.RESUPPLIED
    rows, judged, typed = [], [], ["2", "1" if comes else "2"]
    for product, use in MONTHLY_USE.items():
        used = round(use / 4 * random.uniform(1 - habits.USE_SPREAD, 1 + habits.USE_SPREAD))
        left = max(0, who.stock[product] - used)
        came = max(0, 2 * use - left) if comes else 0
        who.stock[product] = left + came
        answers: dict[str, Any] = {"product": product, "quantity": who.stock[product]}
        if not who.by_sms:
            answers = {
                "receipt": "yes" if comes else "no",
                **answers,
                **({"received": came} if comes else {}),
            }
        rows.append(answers)
        if _changes(who, product, use):
            judged.append(answers)
        typed += [str(who.stock[product]), *([str(came)] if comes else [])]
    sms = " ".join(["STOCK", *(f"{product} {left}" for product, left in who.stock.items())])
    raw = sms if who.by_sms else "*".join(typed)
    return Said(Record("stock", tuple(rows), "stock"), raw, 16, (Record("stock", tuple(judged), "stock"),))


def _changes(who: Asc, product: str, use: int) -> bool:
    """Whether it is short now, or was."""
    was, short = product in who.short, who.stock[product] < use
    (who.short.add if short else who.short.discard)(product)
    return was or short
