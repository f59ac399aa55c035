"""What waits in the outbox: in lanes, in groups, in its recipient's shard; on one server and on a cluster."""

import asyncio

import pytest

from bot.store.keys import BROADCAST, GROUPED, LANES, RATES, REMINDER, TOLD
from bot.store.leases import Leases
from bot.store.outbox import WINDOW, Body, Charge, message
from bot.store.rates import Rates
from bot.store.sessions import Message
from bot.store.spent import Expenses
from tests.store.contract_store import AWA, BINTA, NOW, Store, step

pytestmark = pytest.mark.asyncio(loop_scope="session")

CROWD = [f"+223762{number:05d}" for number in range(1200)]


def one(name: str, kind: str = "reminder", to: str = AWA, **said: object) -> Message:
    return message(name, Body(to=to, kind=kind, **said), NOW)  # type: ignore[arg-type]  # a test says what it means


async def test_many_are_queued_at_once_each_in_its_recipients_shard(store: Store) -> None:
    messages = [one(f"r:{to}", to=to) for to in CROWD]
    assert await store.outbox.queue(messages) == len(CROWD)
    assert await store.outbox.queue([*messages, one("r:new")]) == 1
    assert (await store.outbox.waiting(NOW, "202611")).of(REMINDER) == len(CROWD) + 1
    taken: list[str] = []
    while claimed := await store.claim(most=500):
        assert len(claimed) <= 500
        assert all(claim.shard == store.shard(claim.body.to) for claim in claimed)
        taken += [claim.id for claim in claimed]
    assert sorted(taken) == sorted([*(f"r:{to}" for to in CROWD), "r:new"])


async def test_the_lanes_in_their_order_and_only_those_that_are_open(store: Store) -> None:
    kinds = ["broadcast", "reminder", "tell", "reply"]
    await store.outbox.queue(one(kind, kind) for kind in kinds)
    await store.outbox.queue([one("urgent", "broadcast", urgent=True)])
    assert [claim.id for claim in await store.claim(lanes=[BROADCAST, TOLD])] == [
        "tell",
        "urgent",
        "broadcast",
    ]
    assert [claim.id for claim in await store.claim(lanes=LANES)] == ["reply", "reminder"]


async def test_a_group_waits_for_its_window_and_comes_whole(store: Store) -> None:
    await store.outbox.queue([one("a:1", "alert"), one("a:2", "alert"), one("a:3", "alert", BINTA)])
    assert await store.claim(NOW + WINDOW - 1) == []
    claimed = await store.claim(NOW + WINDOW, most=1)
    names = {claim.id for claim in claimed}
    assert names in ({"a:1", "a:2"}, {"a:3"})
    assert {claim.id for claim in await store.claim(NOW + WINDOW)} == {"a:1", "a:2", "a:3"} - names


async def test_a_group_committed_with_its_cause_is_one_too(store: Store) -> None:
    alerts = (one("a:1", "alert"), one("a:2", "alert"))
    await store.sessions.commit(step("cause", messages=alerts, msisdn=BINTA))
    first, second = await store.claim()
    assert (first.lane, first.shard, second.id) == (GROUPED, store.shard(BINTA), "a:2")
    await store.outbox.settle(first, "queued", NOW + 5, also=[second])
    assert len(await store.claim(NOW + 5)) == 2


async def test_a_group_is_begun_whole_or_not_at_all(store: Store) -> None:
    await store.outbox.queue([one("a:1", "alert"), one("a:2", "alert")])
    claimed = await store.claim(NOW + WINDOW)
    await store.outbox.settle(claimed[1], "refused")
    assert not await store.outbox.begin(*claimed)
    assert (await store.lines())["a:1"].attempts == 0


async def test_a_cap_counts_each_message_once_a_day(store: Store) -> None:
    await store.outbox.queue(one(f"r:{number}") for number in range(3))
    claimed = await store.claim()
    said = [await store.outbox.spare(claim, "20261121", 2) for claim in claimed]
    again = [await store.outbox.spare(claim, "20261121", 2) for claim in claimed]
    assert said == again == ["", "", "capped"]
    assert await store.outbox.spare(claimed[2], "20261122", 2) == ""
    assert 0 < await store.ask("TTL", store.shard().written(AWA, "20261121")) <= 2 * 86_400


async def test_costs_are_counted_with_the_outcome_and_once(store: Store) -> None:
    await store.outbox.queue([one("r:1"), one("r:2", to=BINTA)])
    for claim in await store.claim():
        charge = Charge("202611", "ML/SEG|x", "reminder", 2, 2400)
        assert await store.outbox.begin(claim)
        for _ in range(2):
            await store.outbox.settle(claim, "sent", None, {"segments": 2}, charge=charge)
    expenses = Expenses(store.functions, store.shards)
    (found,) = await expenses.month("202611")
    assert (found.unit, found.segments, found.cents) == ("ML/SEG|x", 4, 4800)
    assert [await expenses.total(month) for month in ("202611", "202612")] == [4800, 0]
    assert (await store.outbox.waiting(NOW, "202611")).spent == 4800


async def test_a_pace_is_shared_and_kept(store: Store) -> None:
    rates = Rates(store.functions)
    found = await asyncio.gather(*(rates.take("at", 2.0, 5) for _ in range(10)))
    assert sum(many for many, _ in found) == 1
    assert all(0 < wait <= 0.5 for _, wait in found)
    assert (await rates.take("other", 1000.0, 1))[0] == 1


async def test_a_lease_is_one_holders(store: Store) -> None:
    leases = Leases(store.functions)
    held = await asyncio.gather(*(leases.hold("job", f"worker {number}", 60_000) for number in range(10)))
    assert sum(held) == 1
    assert await leases.hold("another", "worker 11", 60_000)


async def test_a_servers_clock_that_is_set_back_stops_no_message(store: Store) -> None:
    """What was used up until an hour from now was so by another clock: messages would wait for that hour."""
    rates = Rates(store.functions)
    assert (await rates.take("sms", 10, 1))[0] == 1
    seconds, _ = await store.ask("TIME")
    await store.ask("SET", f"{RATES}sms", f"{(int(seconds) + 3600) * 1_000_000}")
    many, wait = await rates.take("sms", 10, 1)
    assert (many, 0 < wait <= 0.1) == (0, True)
