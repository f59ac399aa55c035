"""What the store should know after a history of reports, worked out again in plain Python and no Redis."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from bot.store.sessions import Day, Record, Step
from tests.store.contract_store import DAY, HOUR, NOW, local, record, step

PEOPLE = [f"+223761{number:05d}" for number in range(30)]
UNITS = {msisdn: ("FALO", "DIARA", "SIRI")[number % 3] for number, msisdn in enumerate(PEOPLE)}
PRODUCTS = ("SRO", "CTE", "ZIN", "PAR")
DAYS = 40


class Said(NamedTuple):
    """A row, under the name of the step it came with and its place in it."""

    name: str
    kind: str
    product: str
    answers: dict[str, Any]
    msisdn: str
    at: int
    session: str

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

    def take(self, told: Record, name: str) -> None:
        rows = [
            Said(
                f"{name}/{place}",
                told.kind,
                answers.get("product", ""),
                answers,
                told.msisdn,
                told.at,
                told.session,
            )
            for place, answers in enumerate(told.rows)
        ]
        for row, corrected in [(row, self._corrected(row, told)) for row in rows]:
            self._take(row, corrected, void=told.void)

    def known(self, msisdn: str) -> dict[str, str]:
        """What the next question to her compares with: the last number, or status, of a subject; when, of a kind."""
        stands = [
            (subject, chain[0])
            for (whose, *subject), chain in self.chains.items()
            if whose == msisdn and chain
        ]
        found: dict[str, str] = {}
        for (kind, product), row in sorted(stands, key=lambda stand: stand[1].at):
            found[kind] = f"@{row.at}"
            value = row.answers["quantity"] if product else row.answers["status"]
            found[f"{kind}:{product}" if product else kind] = f"{value}@{row.at}"
        return found

    def standing(self, msisdn: str) -> dict[str, str]:
        """The name of the latest row of each subject."""
        return {
            f"{kind}:{product}" if product else kind: chain[0].name
            for (whose, kind, product), chain in self.chains.items()
            if whose == msisdn and chain
        }

    def _corrected(self, row: Said, told: Record) -> Said | None:
        chain = self.chains[row.msisdn, row.kind, row.product]
        if not chain:
            return None
        again = told.once == "day" and chain[0].day == row.day
        return chain[0] if told.corrects or again or chain[0].session == row.session else None

    def _take(self, row: Said, corrected: Said | None, *, void: bool) -> None:
        chain = self.chains[row.msisdn, row.kind, row.product]
        self.corrects[row.name] = corrected.name if corrected else ""
        if corrected:
            self._count(corrected, -1)
            chain.pop(0)
        if void:
            return
        self._count(row, 1)
        place = 0 if corrected else sum(row.at < other.at for other in chain)
        chain.insert(place, row)
        del chain[2:]

    def _count(self, row: Said, sign: int) -> None:
        for name, number in worth(row):
            for period in (row.day, row.day[:6]):
                self.counts[period][f"{UNITS[row.msisdn]}|{name}"] += sign * number
        self.days[row.day][f"{row.kind}:{row.msisdn}"] += sign


def worth(row: Said) -> Iterator[tuple[str, int]]:
    """What adds up of a row: itself, its numbers, its options."""
    head = f"{row.kind}.{row.product}" if row.product else row.kind
    yield head, 1
    for name, value in row.answers.items():
        if isinstance(value, int):
            yield f"{head}.{name}", value
            yield f"{head}.{name}=0", int(value == 0)
        elif name != "product":
            yield from ((f"{head}.{name}={one}", 1) for one in ([value] if isinstance(value, str) else value))


def history(seed: int, steps: int) -> Iterator[Step]:
    """Forty days of thirty contacts: reports and corrections of every sort, some late, some taken back."""
    chance = random.Random(seed)
    for number in range(steps):
        msisdn = chance.choice(PEOPLE)
        at = NOW - 25 * DAY + number * DAYS * DAY // steps
        late = at - chance.randrange(2 * 24) * HOUR if chance.random() < 0.1 else at
        session = f"call {msisdn} {number // 60 if chance.random() < 0.3 else number}"
        kind = chance.choice(["stock", "stock", "checkin"])
        rows = _stock(chance) if kind == "stock" else _checkin(chance)
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
    return [{"product": product, "quantity": chance.choice([0, 0, 3, 12, 70])} for product in products]


def _checkin(chance: random.Random) -> list[dict[str, Any]]:
    seen = chance.sample(["malaria", "cough", "diarrhoea"], chance.randint(1, 3))
    return [{"status": chance.choice(["present", "absent"]), "seen": seen, "malaria": chance.randint(0, 4)}]
