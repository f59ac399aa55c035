"""What the next question is told of the last reports: what was said, of what, and how much of a product is used."""

from typing import Any

import pytest

from bot.services.known import quantity_of, said_of, use_of
from tests.store.contract_store import AWA, DAY, HOUR, NOW, Store, record, step

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEEK = 7 * DAY


async def tell(store: Store, kind: str, at: int, answers: dict[str, Any], **how: Any) -> None:
    row = record(kind, answers, at=at, session=f"{kind} {at}", **how)
    await store.sessions.commit(step(f"{kind} {at} {answers}", row))


async def count(store: Store, at: int, quantity: int, received: int = 0, out: int = 0, **how: Any) -> None:
    answers = {"product": "SRO", "quantity": quantity, "received": received, "days_out": out}
    await tell(store, "stock", at, answers, **how)


async def known(store: Store) -> dict[str, str]:
    return await store.hash(store.shard().known(AWA))


async def use(store: Store) -> int | None:
    return use_of((await known(store)).get("stock:SRO"))


@pytest.mark.parametrize(
    ("kind", "answers", "subject", "said"),
    [
        ("checkin", {"status": "present"}, "checkin", "present"),
        ("checkin", {"status": "absent", "why": "insecurity"}, "checkin", "absent:insecurity"),
        ("payment", {"received": "no", "pay_month": "10/2026"}, "payment", "no 10/2026"),
        ("payment", {"received": "yes"}, "payment", "yes"),
        ("training", {"coming": "unsure", "training": "none"}, "training", "unsure"),
        ("training", {"coming": "yes", "training": "F-2026-11-30-BLA"}, "training:F-2026-11-30-BLA", "yes"),
        ("quiz", {"score": 3, "training": "F-2026-11-30-BLA"}, "quiz:F-2026-11-30-BLA", "3"),
        ("quiz", {"score": 0}, "quiz", "0"),
        ("alert", {"event": "measles"}, "alert", ""),
    ],
)
async def test_what_was_said(
    store: Store, kind: str, answers: dict[str, Any], subject: str, said: str
) -> None:
    await tell(store, kind, NOW, answers)
    found = await known(store)
    assert (found[subject], said_of(found[subject])) == (f"{said}@{NOW}", said)
    assert set(found) == {kind, subject}
    assert [row.subject for row in await store.sessions.last(AWA)] == [subject]
    assert f"FALO|{kind}" in await store.counts("202611")  # of whatever session: they are counted together
    assert await store.differences() == []


async def test_each_training_stands_by_itself(store: Store) -> None:
    await tell(store, "training", NOW, {"coming": "yes", "training": "F-1"})
    await tell(store, "training", NOW + DAY, {"coming": "no", "training": "F-2"})
    await tell(store, "training", NOW + 2 * DAY, {"coming": "no", "training": "F-1"}, corrects=True)
    assert await known(store) == {
        "training": f"@{NOW + 2 * DAY}",
        "training:F-1": f"no@{NOW + 2 * DAY}",
        "training:F-2": f"no@{NOW + DAY}",
    }
    assert (await store.counts("202611"))["FALO|training.coming=no"] == 2
    assert await store.differences() == []


async def test_two_weeks_of_counting_tell_what_a_month_uses(store: Store) -> None:
    await count(store, NOW - 2 * WEEK, 20)
    await count(store, NOW - WEEK, 13)
    assert await known(store) == {"stock:SRO": f"13@{NOW - WEEK}", "stock": f"@{NOW - WEEK}"}
    await count(store, NOW, 16, received=10)
    assert (await known(store))["stock:SRO"] == f"16~30@{NOW}"  # 7 + 7 in 14 days
    assert (quantity_of(f"16~30@{NOW}"), use_of(f"16~30@{NOW}"), quantity_of("~@1")) == (16, 30, None)
    assert await store.differences() == []


async def test_two_intervals_of_less_than_ten_days_tell_nothing(store: Store) -> None:
    for days, quantity in (0, 20), (4, 15), (10, 10):
        assert await use(store) is None
        await count(store, NOW + days * DAY - (days == 10), quantity)
    assert await use(store) is None
    await count(store, NOW + 10 * DAY, 10)
    assert await use(store) == 30


async def test_days_without_stock_and_what_cannot_be_are_left_out(store: Store) -> None:
    await count(store, NOW, 14)
    await count(store, NOW + WEEK, 7)
    await count(store, NOW + 2 * WEEK, 0, out=3)  # 7 used in 4 days
    assert await use(store) == 39  # 14 in 11 days: 38.2
    await count(store, NOW + 3 * WEEK, 0, out=9)  # out all the week
    await count(store, NOW + 4 * WEEK, 50)  # more, and nothing came
    assert await use(store) == 39
    assert await store.differences() == []


async def test_nothing_used_is_known_too(store: Store) -> None:
    for weeks in range(3):
        await count(store, NOW + weeks * WEEK, 5)
    assert (await known(store))["stock:SRO"] == f"5~0@{NOW + 2 * WEEK}"


async def test_two_months_are_looked_back_on(store: Store) -> None:
    await count(store, NOW - 10 * WEEK, 500)
    await count(store, NOW - 9 * WEEK, 50)  # 450 in a week, longer ago than 60 days
    for weeks in range(8, -1, -1):
        await count(store, NOW - weeks * WEEK, 40 + weeks)
    assert await use(store) == 5  # 1 a week: 4.3


async def test_a_correction_counts_instead_of_what_it_corrects(store: Store) -> None:
    for weeks, quantity in (2, 20), (1, 13), (0, 99):
        await count(store, NOW - weeks * WEEK, quantity, received=weeks)
    assert await use(store) is None
    await count(store, NOW + HOUR, 6, corrects=True)
    before = await known(store)
    assert before["stock:SRO"].startswith("6~33@")  # 8 + 7 in 14 days and an hour: 32.05
    await count(store, NOW + WEEK, 3)
    assert await use(store) == 26  # 18 in 21 days
    await count(store, NOW + WEEK + 1, 3, corrects=True, void=True)
    assert await known(store) == before
    assert await store.differences() == []


async def test_a_count_that_comes_late_is_put_where_it_belongs(store: Store) -> None:
    for weeks, quantity in (2, 20), (0, 6), (1, 13):
        await count(store, NOW - weeks * WEEK, quantity)
    assert (await known(store))["stock:SRO"] == f"6~30@{NOW}"
    assert await store.differences() == []
