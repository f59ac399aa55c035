"""The outbox in the store: claimed by one, begun before it is sent, settled once, closed by its delivery report."""

import asyncio
import random

import pytest

from bot.messages import DeliveryReport, SendState
from bot.store import outbox
from bot.store.outbox import Claimed, Line
from tests.store.contract_store import AWA, BINTA, COUMBA, NOW, Store, message, step

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEASE = 60_000
PEOPLE = [f"+223762{number:05d}" for number in range(40)]


async def queue(store: Store, *names: str, to: str = AWA, due: int = 0) -> None:
    messages = tuple(message(name, to=to, due=due) for name in names)
    await store.sessions.commit(step(f"cause of {names}", messages=messages, aside=True, msisdn=to))


async def claim(store: Store, now: int = NOW, most: int = 50) -> list[Claimed]:
    return await store.claim(now, most)


async def begun(store: Store, now: int = NOW) -> Claimed:
    """The one message that is due, about to be handed to the provider."""
    (claimed,) = await claim(store, now)
    assert await store.outbox.begin(claimed)
    return claimed


async def line(store: Store, name: str = "reply:1") -> Line:
    return (await store.lines())[name]


def report(status: str, state: SendState | None, reason: str = "") -> DeliveryReport:
    return DeliveryReport("ATXid_1", AWA, status, state, reason)


async def test_a_message_is_claimed_when_it_is_due_and_by_one_only(store: Store) -> None:
    await queue(store, "reply:1", due=NOW + 5)
    assert await claim(store, NOW + 4) == []
    claims = await asyncio.gather(*(claim(store, NOW + 5) for _ in range(10)))
    ((claimed,),) = [found for found in claims if found]
    assert (claimed.id, claimed.body.to, claimed.attempts, claimed.lease) == (
        "reply:1",
        AWA,
        1,
        NOW + 5 + LEASE,
    )
    assert claimed.body.text == "I ni sògòma"
    assert (await line(store)).state == "queued"


async def test_many_workers_share_without_doubling(store: Store) -> None:
    for msisdn in PEOPLE:
        await queue(store, *(f"{msisdn}:{number}" for number in range(5)), to=msisdn)
    taken: list[str] = []
    while found := await asyncio.gather(*(claim(store, most=2) for _ in range(4))):
        claimed = [one.id for each in found for one in each]
        if not claimed:
            break
        taken += claimed
    assert len(taken) == 200
    assert len(set(taken)) == 200


async def test_at_most_so_many_of_each_shard_the_longest_due_first(store: Store) -> None:
    for number in (3, 1, 2):
        await queue(store, f"reply:{number}", due=NOW + number)
    assert [one.id for one in await claim(store, NOW + 9, most=2)] == ["reply:1", "reply:2"]
    assert [one.id for one in await claim(store, NOW + 9, most=2)] == ["reply:3"]


async def test_what_is_sent_is_noted_with_its_cost(store: Store) -> None:
    await queue(store, "reply:1")
    claimed = await begun(store)
    assert ((await line(store)).state, (await line(store)).attempts) == ("sending", 1)
    said = {"text": "as sent", "provider_id": "ATXid_1", "cost": "XOF 12.0000"}
    await store.outbox.settle(claimed, "sent", None, {"segments": 2, "sent": NOW + 7, **said})
    assert await line(store) == Line(
        id="reply:1",
        to=AWA,
        kind="reply",
        text="as sent",
        state="sent",
        attempts=1,
        segments=2,
        cost="XOF 12.0000",
        provider_id="ATXid_1",
        reason="",
        report="",
        made="2026-11-21T09:12:00.000+00:00",
        sent="2026-11-21T09:12:00.007+00:00",
    )
    assert await claim(store, NOW + 10 * LEASE) == []


async def test_what_is_to_be_tried_again_is_due_again_then(store: Store) -> None:
    await queue(store, "reply:1")
    await store.outbox.settle(await begun(store), "queued", NOW + 30_000, {"reason": "busy"})
    assert await claim(store, NOW + 29_999) == []
    again = await begun(store, NOW + 30_000)
    assert (again.attempts, (await line(store)).attempts) == (2, 2)
    assert (await line(store)).reason == "busy"


async def test_what_a_dead_worker_was_sending_is_unknown_and_the_rest_is_anothers(store: Store) -> None:
    await queue(store, "reply:1", "reply:2")
    first, second = await claim(store)
    assert await store.outbox.begin(first)
    assert await store.outbox.abandon(NOW + LEASE - 1) == 0
    assert await store.outbox.abandon(NOW + LEASE) == 1
    states = {name: (line.state, line.attempts) for name, line in (await store.lines()).items()}
    assert states == {"reply:1": ("unknown", 1), "reply:2": ("queued", 0)}
    assert (await line(store)).reason == "the worker stopped while sending"
    assert [one.id for one in await claim(store, NOW + LEASE)] == ["reply:2"]
    assert await store.outbox.abandon(NOW + 9 * LEASE) == 0
    # It was not dead but slow: what is another's by now is not its to send.
    assert not await store.outbox.begin(second)


async def test_a_slow_worker_begins_nothing_that_was_left_to_others(store: Store) -> None:
    await queue(store, "reply:1")
    (slow,) = await claim(store)
    await store.outbox.abandon(NOW + LEASE)
    assert not await store.outbox.begin(slow)
    (claimed,) = await claim(store, NOW + LEASE)
    assert not await store.outbox.begin(slow)
    assert await store.outbox.begin(claimed)


async def test_who_took_too_long_may_still_say_what_became_of_it(store: Store) -> None:
    await queue(store, "reply:1")
    slow = await begun(store)
    await store.outbox.abandon(NOW + LEASE)
    await store.outbox.settle(slow, "sent", None, {"provider_id": "ATXid_1"})
    assert ((await line(store)).state, (await line(store)).provider_id) == ("sent", "ATXid_1")
    await store.outbox.settle(slow, "failed", NOW)
    assert (await line(store)).state == "sent"
    assert await claim(store, NOW + 9 * LEASE) == []


@pytest.mark.parametrize("state", ["queued", "failed"])
@pytest.mark.parametrize("begun_by_other", [False, True])
async def test_who_was_away_past_its_lease_has_nothing_to_say_of_what_is_anothers(
    store: Store, state: str, begun_by_other: bool
) -> None:
    """A paused worker that wakes up and puts back what it held must not put back what another is sending."""
    await queue(store, "reply:1")
    (paused,) = await claim(store)
    await store.outbox.abandon(NOW + LEASE)
    (other,) = await claim(store, NOW + LEASE)
    if begun_by_other:
        assert await store.outbox.begin(other)
    await store.outbox.settle(paused, state, NOW + LEASE, begun=False)
    assert (await line(store)).state == ("sending" if begun_by_other else "queued")
    assert await claim(store, NOW + LEASE) == [], "it is still the other's"
    if not begun_by_other:
        assert await store.outbox.begin(other)
    await store.outbox.abandon(NOW + 9 * LEASE)
    await store.outbox.settle(paused, state, NOW + 9 * LEASE, begun=False)
    assert (await line(store)).state == "unknown"
    assert await claim(store, NOW + 99 * LEASE) == []


@pytest.mark.parametrize("at", ["before", "after"])
@pytest.mark.parametrize(
    ("said", "state", "final"),
    [
        ([("Success", "delivered")], "delivered", ""),
        ([("Success", "delivered"), ("Sent", "sent")], "delivered", ""),
        ([("Sent", "sent"), ("Success", "delivered")], "delivered", ""),
        ([("Failed", "failed"), ("Success", "delivered")], "delivered", ""),
        ([("Success", "delivered"), ("Failed", "failed")], "delivered", ""),
        ([("Buffered", None)], "sent", ""),
        ([("Rejected", "failed"), ("Buffered", None)], "failed", "UserInactive"),
    ],
)
async def test_a_delivery_report_closes_its_message_whenever_it_comes(
    store: Store, at: str, said: list[tuple[str, SendState | None]], state: str, final: str
) -> None:
    reports = [report(word, means, "UserInactive" if means == "failed" else "") for word, means in said]
    await queue(store, "reply:1")
    claimed = await begun(store)
    if at == "before":
        assert [await store.outbox.deliver(one) for one in reports] == [None] * len(reports)
    await store.outbox.settle(
        claimed, "sent", None, {"provider_id": "ATXid_1", "cost": "XOF 12", "reason": ""}
    )
    if at == "after":
        assert [await store.outbox.deliver(one) for one in reports] != [None] * len(reports)
    found = await line(store)
    assert (found.state, found.reason, found.report) == (state, final, said[-1][0])
    assert (found.cost, found.provider_id) == ("XOF 12", "ATXid_1")
    # And all of them again, in another order.
    for one in reversed(reports):
        assert await store.outbox.deliver(one) is not None
    assert (await line(store)).state == state


@pytest.mark.parametrize("seed", range(10))
async def test_reports_that_race_with_the_answer_are_not_lost(store: Store, seed: int) -> None:
    await queue(store, "reply:1")
    claimed = await begun(store)

    async def later(turns: int, report: DeliveryReport) -> None:
        for _ in range(turns):
            await store.server.tick.call("PING")
        await store.outbox.deliver(report)

    chance = random.Random(seed)
    reports = [report("Sent", "sent"), report("Success", "delivered"), report("Sent", "sent")]
    racing = [later(chance.randrange(6), one) for one in reports]
    await asyncio.gather(
        store.outbox.settle(claimed, "sent", None, {"provider_id": "ATXid_1", "reason": ""}), *racing
    )
    assert (await line(store)).state == "delivered"


async def test_a_report_of_a_message_in_doubt_says_what_became_of_it(store: Store) -> None:
    await queue(store, "reply:1")
    await store.outbox.settle(await begun(store), "unknown", None, {"provider_id": "ATXid_1"})
    assert await store.outbox.deliver(report("Sent", "sent")) is not None
    assert (await line(store)).state == "sent"
    await store.outbox.deliver(report("Success", "delivered"))
    assert (await line(store)).state == "delivered"


async def test_what_arrived_after_all_is_not_sent_once_more(store: Store) -> None:
    """Somebody has it sent again because it failed; before it leaves, the network says that it arrived."""
    await queue(store, "reply:1")
    await store.outbox.settle(await begun(store), "sent", None, {"provider_id": "ATXid_1"})
    await store.outbox.deliver(report("Failed", "failed"))
    assert await store.outbox.again(await line(store), NOW)
    await store.outbox.deliver(report("Success", "delivered"))
    for _ in range(2):
        assert not any([await store.outbox.begin(one) for one in await claim(store)])
        await store.outbox.abandon(NOW + LEASE)
    assert ((await line(store)).state, await claim(store, NOW + 9 * LEASE)) == ("delivered", [])


async def test_a_report_about_nobodys_message_is_kept_a_while_and_does_no_harm(store: Store) -> None:
    for number in range(30):
        assert await store.outbox.deliver(report(f"Sent {number}", "sent")) is None
    key = store.shard().early("ATXid_1", AWA)
    assert (await store.ask("LLEN", key), 0 < await store.ask("TTL", key) <= 7 * 86_400) == (10, True)
    assert await store.lines() == {}


async def test_a_report_finds_its_message_in_the_shard_of_what_caused_it(store: Store) -> None:
    """Binta's alert makes a message to Awa."""
    told = message("tell:1", to=AWA)
    await store.sessions.commit(step("alert", messages=(told,), msisdn=BINTA))
    assert store.shard(AWA) != store.shard(BINTA)
    await store.outbox.settle(await begun(store), "sent", None, {"provider_id": "ATXid_1"})
    assert await store.outbox.deliver(report("Success", "delivered")) is not None
    assert (await line(store, "tell:1")).state == "delivered"


async def test_a_report_whose_message_is_gone_is_taken(store: Store) -> None:
    await queue(store, "reply:1")
    await store.outbox.settle(await begun(store), "sent", None, {"provider_id": "ATXid_1"})
    await store.ask("DEL", f"{store.shard().messages}reply:1")
    assert await store.outbox.deliver(report("Success", "delivered")) is not None


async def test_the_outbox_is_read_from_a_moment_on_more_than_a_chunk(store: Store) -> None:
    most = outbox.CHUNK + 3
    made = tuple(message(f"reply:{number}", at=NOW + number) for number in range(most))
    await store.sessions.commit(step("many", messages=made))
    await queue(store, "other", to=BINTA)
    assert len(await store.lines()) == most + 1
    hers = [one.id async for one in store.outbox.read(NOW + 2) if one.to == AWA]
    assert hers == [f"reply:{number}" for number in range(2, most)]


async def test_the_newest_messages_to_one_phone_oldest_first(store: Store) -> None:
    for number, to in enumerate([AWA, BINTA, AWA, COUMBA, AWA]):
        name = message(f"reply:{number}", to=to, at=NOW + number)
        await store.sessions.commit(step(f"{number}", messages=(name,), msisdn=COUMBA))
    assert [one.id for one in await store.outbox.newest(AWA)] == ["reply:0", "reply:2", "reply:4"]
    assert [one.id for one in await store.outbox.newest(AWA, 2)] == ["reply:2", "reply:4"]
    assert await store.outbox.newest("+22399999999") == []


async def test_a_message_that_leaves_for_an_archive_while_it_is_looked_for_is_not_seen(store: Store) -> None:
    for number in range(2):
        await queue(store, f"reply:{number}")
    await store.functions.line.call("DEL", f"{store.shard(AWA).messages}reply:0")
    assert [one.id for one in await store.outbox.newest(AWA)] == ["reply:1"]
