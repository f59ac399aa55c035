"""The month's accounts: what people were told is kept against the ledger, what we sent against what it took."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from msgspec import Struct

from bench.country.month import Month
from bot.house import House
from bot.store.outbox import Line
from bot.store.rebuild import differences
from bot.store.tick import StoreUnavailable

TRIES = 5
NAMED = 20


class Sums(Struct):
    messages: int = 0
    """SMS that left: of a digest the one that carried it."""
    segments: int = 0
    cost: float = 0.0


class Fates(Struct):
    """What became of the alerts of one kind."""

    opened: int = 0
    acknowledged: int = 0
    escalated: int = 0
    """Told above the supervisor."""
    resolved: int = 0
    unheard: int = 0
    """Told to nobody, for their cause ended before or nobody could be reached."""


class Books(Struct, frozen=True):
    rows: int
    lost: int
    doubled: int
    """Rows too many, or as nobody said them."""
    astray: list[str]
    """The first of both, by name."""
    taken: int
    untaken: int
    """Messages of ours with a provider's id that it never gave."""
    twice: int
    """Messages that the network has and we know nothing of, or that it took twice."""
    without_reply: int
    """SMS to us without the one reply."""
    differences: int
    """Of `kunnafoni rebuild`."""
    by_kind: dict[str, Sums]
    states: dict[str, int]
    alerts: dict[str, Fates]

    @property
    def right(self) -> bool:
        return not (
            self.lost or self.doubled or self.untaken or self.twice or self.without_reply or self.differences
        )


async def closed(month: Month) -> Books:
    house, provider = month.house, month.provider
    await house.gateway.settle()
    kept: Counter[tuple[str, str, str, object]] = Counter()
    async for row in house.ledger.read():
        answers = row.answers
        what = answers.get("quantity", answers.get("status", "") if row.kind == "checkin" else "")
        kept[row.msisdn, row.kind, answers.get("product", ""), what] += 1
    by_kind: dict[str, Sums] = {}
    states: Counter[str] = Counter()
    ours: Counter[str] = Counter()
    replies: set[str] = set()
    async for line in house.outbox.read():
        states[line.state] += 1
        replies.add(line.id)
        if line.provider_id and not line.grouped_with:
            ours[line.provider_id] += 1
            _add(by_kind.setdefault(line.kind, Sums()), line)
    theirs = {taken.id for taken in provider.taken}
    return Books(
        rows=kept.total(),
        lost=(month.said - kept).total(),
        doubled=(kept - month.said).total(),
        astray=_astray(month.said - kept, kept - month.said),
        taken=len(provider.taken),
        untaken=len(ours.keys() - theirs),
        twice=len(theirs - ours.keys()) + ours.total() - len(ours),
        without_reply=sum(f"reply:{name}" not in replies for name in month.line.written),
        differences=await _differences(house),
        by_kind=by_kind,
        states=dict(states),
        alerts=await _fates(house),
    )


def _astray(lost: Counter[Any], doubled: Counter[Any]) -> list[str]:
    """Whose they are, in words."""
    told = [*(("lost", *one) for one in lost.elements()), *(("too many", *one) for one in doubled.elements())]
    return [" ".join(map(str, one)) for one in told[:NAMED]]


async def _differences(house: House) -> int:
    """A machine that does other work too may take longer for a call than a store is given: it is asked again."""
    for _ in range(TRIES - 1):
        with suppress(StoreUnavailable):
            return await _told_again(house)
    return await _told_again(house)


async def _told_again(house: House) -> int:
    shards, local = house.settings.store.shards, house.programme.local
    return len(await differences(house.functions, house.ledger, shards, local))


async def _fates(house: House) -> dict[str, Fates]:
    kinds: dict[str, Fates] = {}
    async for alert in house.alerts.read():
        fates = kinds.setdefault(alert.kind, Fates())
        fates.opened += 1
        fates.acknowledged += bool(alert.acknowledged)
        fates.escalated += alert.level > 0
        fates.resolved += bool(alert.resolved)
        fates.unheard += alert.level < 0
    return kinds


def _add(sums: Sums, line: Line) -> None:
    sums.messages += 1
    sums.segments += line.segments
    sums.cost += float(line.cost.removeprefix("XOF ") or 0)


def lines(books: Books, month: Month, days: int) -> Iterator[str]:
    """The table of one month."""
    asc, counts = len(month.asc), month.counts
    line, sent = month.line, books.by_kind.get("reminder", Sums()).messages
    to_us = f"{line.calls:,} calls of {line.requests:,} requests, {len(line.written):,} SMS to us"
    yield f"{asc:,} ASC, {days} days: {to_us}"
    reports = " · ".join(f"{counts[kind]:,} {kind}" for kind in ("checkin", "stock", "payment", "alert"))
    yield f"reports: {reports}; {books.rows:,} rows in the ledger"
    yield ""
    yield f"{'SMS from us':16}{'messages':>10}{'segments':>10}{'FCFA':>14}{'FCFA an ASC':>13}"
    total = Sums()
    for kind, sums in sorted(books.by_kind.items(), key=lambda one: -one[1].cost):
        yield _sums(kind, sums, asc)
        total = Sums(total.messages + sums.messages, total.segments + sums.segments, total.cost + sums.cost)
    yield _sums("all", total, asc)
    yield f"by state: {', '.join(f'{state} {number:,}' for state, number in sorted(books.states.items()))}"
    yield (
        f"reminders: {sent:,} sent, {counts['needless']:,} to who had done it, {counts['after stop']:,} after STOP; "
        f"{books.states.get('needless', 0):,} found needless when they would have left"
    )
    yield ""
    yield f"{'alerts':16}{'opened':>10}{'told':>10}{'acknowledged':>14}{'escalated':>13}{'resolved':>10}"
    for name, fates in sorted(books.alerts.items(), key=lambda one: -one[1].opened):
        told = fates.opened - fates.unheard
        yield (
            f"{name:16}{fates.opened:10,}{told:10,}{fates.acknowledged:14,}{fates.escalated:13,}{fates.resolved:10,}"
        )
    yield ""
    yield (
        f"rows lost {books.lost}, doubled or altered {books.doubled}; messages taken by the network {books.taken:,}, "
        f"not known to it {books.untaken}, taken twice or unknown to us {books.twice}; SMS without their reply "
        f"{books.without_reply}; differences on rebuild {books.differences}; calls gone astray {len(month.line.odd)}"
    )
    if month.line.away:
        yield f"told that we are away, and asked again: {month.line.away:,}"
    yield from books.astray
    yield from month.line.odd[:5]


def _sums(kind: str, sums: Sums, asc: int) -> str:
    return f"{kind:16}{sums.messages:10,}{sums.segments:10,}{sums.cost:14,.0f}{sums.cost / asc:13.1f}"
