"""What the store should know after a history of reports, worked out again in plain Python and no Redis."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from bot.store.days import Day
from bot.store.sessions import Record, Step
from tests.store.contract_store import DAY, HOUR, NOW, local, record, step

PEOPLE = [f"+223761{number:05d}" for number in range(30)]
UNITS = {msisdn: ("FALO", "DIARA", "SIRI")[number % 3] for number, msisdn in enumerate(PEOPLE)}
PRODUCTS = ("SRO", "CTE", "ZIN", "PAR")
TRAININGS = ("none", "F-2026-11-30-BLA", "F-2026-12-14-SEG")
DAYS = 40
LOOK_BACK, LEAST, MOST_COUNTED = 60 * DAY, 10 * DAY, 30


class Said(NamedTuple):
    """A row, under the name of the step it came with and its place in it."""

    name: str
    kind: str
    of: str
    """The product, or the training session, it is about."""
    answers: dict[str, Any]
    msisdn: str
    at: int
    conversation: str

    @property
    def day(self) -> str:
        return Day.of(local(self.at)).day


class Model:
    """A history, and what follows from it."""

    def __init__(self) -> None:
        self.corrects: dict[str, str] = {}
        """By name of a row: the row it corrects, or nothing."""
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By period."""
        self.days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.chains: defaultdict[tuple[str, str, str], list[Said]] = defaultdict(list)
        """By contact, kind and product: what stands, and what stands behind it."""
        self.counted: defaultdict[tuple[str, str, str], list[Said]] = defaultdict(list)
        """By the same: what is left of each count of a product, oldest first."""

    def take(self, told: Record, name: str) -> None:
        rows = [
            Said(
                f"{name}/{place}",
                told.kind,
                of(answers),
                answers,
                told.msisdn,
                told.at,
                told.conversation,
            )
            for place, answers in enumerate(told.rows)
        ]
        for row, corrected in [(row, self._corrected(row, told)) for row in rows]:
            self._take(row, corrected, void=told.void)

    def known(self, msisdn: str) -> dict[str, str]:
        """What the next question to her compares with: what was said last of a subject; of a kind, only when."""
        stands = [(key, chain[0]) for key, chain in self.chains.items() if key[0] == msisdn and chain]
        found: dict[str, str] = {}
        for key, row in sorted(stands, key=lambda stand: stand[1].at):
            use = monthly_use(self.counted[key])
            value = said(row.answers) + ("" if use is None else f"~{use}")
            found[row.kind] = f"@{row.at}"
            found[subject(*key[1:])] = f"{value}@{row.at}"
        return found

    def standing(self, msisdn: str) -> dict[str, str]:
        """The name of the latest row of each subject."""
        return {
            subject(kind, of): chain[0].name
            for (whose, kind, of), chain in self.chains.items()
            if whose == msisdn and chain
        }

    def _corrected(self, row: Said, told: Record) -> Said | None:
        chain = self.chains[row.msisdn, row.kind, row.of]
        if not chain:
            return None
        again = told.once == "day" and chain[0].day == row.day
        return chain[0] if told.corrects or again or chain[0].conversation == row.conversation else None

    def _take(self, row: Said, corrected: Said | None, *, void: bool) -> None:
        chain = self.chains[row.msisdn, row.kind, row.of]
        self.corrects[row.name] = corrected.name if corrected else ""
        if corrected:
            self._count(corrected, -1)
            chain.pop(0)
        self._use(row, corrected, void=void)
        if not chain and void:
            self.counted[row.msisdn, row.kind, row.of] = []
        if void:
            return
        self._count(row, 1)
        place = 0 if corrected else sum(row.at < other.at for other in chain)
        chain.insert(place, row)
        del chain[2:]

    def _use(self, row: Said, corrected: Said | None, *, void: bool) -> None:
        held = [] if void or "quantity" not in row.answers else [row]
        before = self.counted[row.msisdn, row.kind, row.of]
        kept = [one for one in before if corrected is None or one.at != corrected.at]
        counted = sorted(kept + held, key=lambda one: one.at)
        recent = [one for one in counted if one.at >= counted[-1].at - LOOK_BACK]
        self.counted[row.msisdn, row.kind, row.of] = recent[-MOST_COUNTED:]

    def _count(self, row: Said, sign: int) -> None:
        for name, number in worth(row):
            for period in (row.day, row.day[:6]):
                self.counts[period][f"{UNITS[row.msisdn]}|{name}"] += sign * number
        self.days[row.day][f"{row.kind}:{row.msisdn}"] += sign


def of(answers: dict[str, Any]) -> str:
    training = answers.get("training", "none")
    return str(answers.get("product") or ("" if training == "none" else training))


def subject(kind: str, of: str) -> str:
    return f"{kind}:{of}" if of else kind


def said(answers: dict[str, Any]) -> str:
    """The value that says what was said."""
    if "received" in answers and "pay_month" in answers:
        return f"{answers['received']} {answers['pay_month']}"
    if "why" in answers:
        return f"{answers['status']}:{answers['why']}"
    names = ("quantity", "status", "coming", "score")
    return str(next(answers[name] for name in names if name in answers))


def monthly_use(counted: list[Said]) -> int | None:
    """As cStock reckons: what left the box by day it was not empty, over two intervals and ten days at least."""
    intervals = []
    for before, after in pairwise(counted):
        used = before.answers["quantity"] + after.answers.get("received", 0) - after.answers["quantity"]
        stocked = after.at - before.at - after.answers.get("days_out", 0) * DAY
        intervals += [(used, stocked)] if used >= 0 and stocked > 0 else []
    used, stocked = (sum(each) for each in zip(*intervals, strict=True)) if intervals else (0, 0)
    enough = len(intervals) > 1 and stocked >= LEAST
    return -(-used * 30 * DAY // stocked) if enough else None


def worth(row: Said) -> Iterator[tuple[str, int]]:
    """What adds up of a row: itself, its numbers, its options."""
    head = f"{row.kind}.{row.of}" if "product" in row.answers else row.kind
    yield head, 1
    for name, value in row.answers.items():
        if isinstance(value, int):
            yield f"{head}.{name}", value
            yield f"{head}.{name}=0", int(value == 0)
        elif name != "product":
            options = [value] if isinstance(value, str) else value
            yield from ((f"{head}.{name}={one}", 1) for one in options if re.fullmatch("[a-z_]+", one))


def history(seed: int, steps: int) -> Iterator[Step]:
    """Forty days of thirty contacts: reports and corrections of every sort, some late, some taken back."""
    chance = random.Random(seed)
    for number in range(steps):
        msisdn = chance.choice(PEOPLE)
        at = NOW - 25 * DAY + number * DAYS * DAY // steps
        late = at - chance.randrange(2 * 24) * HOUR if chance.random() < 0.1 else at
        session = f"call {msisdn} {number // 60 if chance.random() < 0.3 else number}"
        kind = chance.choice(["stock", "stock", "stock", "checkin", "training", "payment", "quiz"])
        rows = ROWS[kind](chance)
        void = chance.random() < 0.15
        how: dict[str, Any] = (
            {"void": True, "corrects": True} if void else {"corrects": chance.random() < 0.1}
        )
        once = "day" if kind == "checkin" and chance.random() < 0.8 else ""
        name, unit = f"step {number}", UNITS[msisdn]
        who: dict[str, Any] = {"at": late, "msisdn": msisdn, "unit": unit, "session": session, "raw": name}
        yield step(name, record(kind, *rows, once=once, **who, **how), msisdn=msisdn)


def _stock(chance: random.Random) -> list[dict[str, Any]]:
    products = chance.sample(PRODUCTS, chance.randint(1, 4))
    return [_counted(chance, product) for product in products]


def _counted(chance: random.Random, product: str) -> dict[str, Any]:
    more = {"received": chance.choice([0, 10, 60])} if chance.random() < 0.5 else {}
    empty = {"days_out": chance.randint(0, 9)} if chance.random() < 0.2 else {}
    return {"product": product, "quantity": chance.choice([0, 0, 3, 12, 70]), **more, **empty}


def _checkin(chance: random.Random) -> list[dict[str, Any]]:
    if chance.random() < 0.2:
        return [{"status": "absent", "why": chance.choice(["ill", "insecurity"])}]
    seen = chance.sample(["malaria", "cough", "diarrhoea"], chance.randint(1, 3))
    return [{"status": chance.choice(["present", "absent"]), "seen": seen, "malaria": chance.randint(0, 4)}]


def _training(chance: random.Random) -> list[dict[str, Any]]:
    return [{"coming": chance.choice(["yes", "no", "unsure"]), "training": chance.choice(TRAININGS)}]


def _payment(chance: random.Random) -> list[dict[str, Any]]:
    return [{"received": chance.choice(["yes", "no"]), "pay_month": "10/2026"}]


def _quiz(chance: random.Random) -> list[dict[str, Any]]:
    about = {"training": chance.choice(TRAININGS)} if chance.random() < 0.5 else {}
    return [{"score": chance.randint(0, 3), **about}]


ROWS = {
    "stock": _stock,
    "checkin": _checkin,
    "training": _training,
    "payment": _payment,
    "quiz": _quiz,
}
