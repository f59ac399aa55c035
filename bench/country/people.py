"""One person through the month: what she would say on a day, and what she does when an SMS reaches her."""

from asyncio import Lock
from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct, field

from bench.country import habits
from bench.country.places import PRODUCTS
from bot.people import Contact

MONTHLY_USE = {"TDR": 20, "CTE": 15, "SRO": 20, "ZIN": 100, "AMX": 20, "PAR": 60}
"""As config.toml has them."""


class Person(Struct):
    """What only she knows."""

    contact: Contact
    diligence: float
    silent: bool
    by_sms: bool
    paid: bool
    resupply_week: int
    stock: dict[str, int] = field(default_factory=dict)
    away_until: int = -1
    """The last day (of the month, from 0) of an absence."""
    checked_in: int = -1
    counted: int = -1
    """The week in which she counted her stock last."""
    answered_pay: bool = False
    stopped: bool = False
    phone: Lock = field(default_factory=Lock)
    """One call at a time, as every network has it."""

    @property
    def msisdn(self) -> str:
        return self.contact.msisdn


def person(random: Random, contact: Contact, *, wrong: bool) -> Person:
    return Person(
        contact=contact,
        diligence=random.betavariate(*habits.DILIGENCE),
        silent=wrong or random.random() < habits.SILENT,
        by_sms=random.random() < habits.WRITES_SMS,
        paid=random.random() < habits.PAID,
        resupply_week=random.randint(*habits.RESUPPLY_WEEKS),
        stock={product: _starts_with(random, product) for product in PRODUCTS},
    )


def _starts_with(random: Random, product: str) -> int:
    out = random.random() < habits.STARTS_OUT
    return 0 if out else round(random.uniform(*habits.STARTS_WITH) * MONTHLY_USE[product])


class Said(Struct, frozen=True):
    """What she types or writes, and the rows it must leave in the ledger."""

    texts: tuple[str, ...]
    """Of a call: each input; of an SMS: the message alone."""
    sms: bool
    rows: tuple[tuple[str, str, object], ...]
    """Kind, product, and the quantity or the status."""


def check_in(random: Random, who: Person) -> Said:
    if who.by_sms:
        return Said(("PRESENT",), True, (("checkin", "", "present"),))
    some = ["23", str(random.randint(1, 9)), str(random.randint(1, 4))]
    seen = ["1"] if random.random() < habits.NOBODY_ILL else some
    return Said(("1", "1", *seen), False, (("checkin", "", "present"),))


def absence(random: Random) -> Said:
    why = random.choices(list(habits.ABSENCES), list(habits.ABSENCES.values()))[0]
    return Said(("1", "3", str(why)), False, (("checkin", "", "absent"),))


def suspicion(random: Random) -> Said:
    event = random.randint(2, 4)
    return Said(("3", str(event), str(random.randint(1, 4))), False, (("alert", "", ""),))


def pay(who: Person) -> Said:
    return Said(("5", "1" if who.paid else "2"), False, (("payment", "", ""),))


def stock(random: Random, who: Person, week: int) -> Said:
    """A week's use, and what came; counted and said, by SMS without what came."""
    came = {product: _comes(random, product, who, week) for product in PRODUCTS}
    for product in PRODUCTS:
        used = round(MONTHLY_USE[product] / 4 * random.uniform(1 - habits.USE_SPREAD, 1 + habits.USE_SPREAD))
        who.stock[product] = max(0, who.stock[product] - used) + came[product]
    rows = tuple(("stock", product, who.stock[product]) for product in PRODUCTS)
    if who.by_sms:
        return Said((" ".join(["STOCK", *(f"{p} {who.stock[p]}" for p in PRODUCTS)]),), True, rows)
    typed = _typed(random, who.stock, came if any(came.values()) else None)
    return Said(("2", *typed), False, rows)


def _comes(random: Random, product: str, who: Person, week: int) -> int:
    if week != who.resupply_week or random.random() > habits.RESUPPLIED:
        return 0
    return max(0, 2 * MONTHLY_USE[product] - who.stock[product])


def _typed(random: Random, stock: dict[str, int], came: dict[str, int] | None) -> Iterator[str]:
    """The answers of flows/stock.yaml, for each product in turn."""
    yield "1" if came else "2"
    for product in PRODUCTS:
        yield str(stock[product])
        if stock[product] == 0:
            yield str(random.randint(1, 14))
        if came:
            yield str(came[product])


def at_hours(random: Random, first: float, last: float, mode: float) -> float:
    """The hour of the day at which something is done."""
    return random.triangular(first, last, mode)


def pick(random: Random, people: Sequence[Person], share: float) -> set[str]:
    """The numbers of so many of them, at random."""
    return {one.msisdn for one in random.sample(people, round(share * len(people)))}
