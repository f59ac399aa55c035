"""A provider that lies, from the outbox to the delivery report: each message keeps one fate, and money its measure."""

import pytest

from bot.app import listening
from bot.store.keys import shard_of
from tests.standin import Lie, Sent
from tests.worker.work import AWA, BINTA, COUMBA, Work

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]
WHERE = "/africastalking/delivery?key=sandbox"
DAY = 86_400


async def test_what_it_says_it_sent_and_never_did_stays_sent_and_is_not_delivered(work: Work) -> None:
    work.standin.behave(AWA, Lie(takes=False))
    name = await work.reply(AWA)
    for _ in range(3):
        await work.worker.once()
        work.clock.passes(DAY)
    assert ((await work.line(name)).state, work.heard(), len(work.standin.requests)) == ("sent", [], 1)


@pytest.mark.parametrize(
    "says", ['[{"statusCode": 500}]', '[{}, {"statusCode": 501}]', '[{"number": "+22370000099"}]']
)
async def test_what_it_took_and_says_it_did_not_is_not_repeated(work: Work, says: str) -> None:
    work.standin.behave(AWA, Lie(says))
    name = await work.reply(AWA)
    for _ in range(3):
        await work.worker.once()
        work.clock.passes(DAY)
    assert ((await work.line(name)).state, len(work.heard())) == ("unknown", 1)


async def test_one_name_for_two_people_closes_the_message_of_whom_it_reports_on(work: Work) -> None:
    """Both in one shard, where the second would have taken the first one's place."""
    shards = work.house.settings.store.shards
    there = shard_of(AWA, shards)
    near = next(to for n in range(10_000) if shard_of(to := f"+2237700{n:04d}", shards) == there)
    for to in (AWA, near):
        work.standin.behave(to, Lie('[{"messageId": "ATXid_same"}]'))
        await work.reply(to)
    await work.worker.once()
    async with listening(work.house, simulator=False) as url:
        await work.standin.report(url + WHERE, Sent("ATXid_same", AWA, "", ""), "Failed")
        await work.standin.report(url + WHERE, Sent("ATXid_same", near, "", ""), "Success")
    assert await work.states() == {f"reply:{AWA}": "failed", f"reply:{near}": "delivered"}


@pytest.mark.parametrize("name", ["None", ""])
async def test_messages_without_a_name_are_not_taken_for_one_another(work: Work, name: str) -> None:
    for to in (AWA, BINTA):
        work.standin.behave(to, Lie(f'[{{"messageId": "{name}"}}]'))
        await work.reply(to)
    await work.worker.once()
    async with listening(work.house, simulator=False) as url:
        status = await work.standin.report(url + WHERE, Sent(name, AWA, "", ""), "Failed")
    assert status == (200 if name else 400)
    assert await work.states() == {f"reply:{AWA}": "sent", f"reply:{BINTA}": "sent"}


async def test_reports_on_what_was_never_sent_or_to_another_number_change_nothing(work: Work) -> None:
    name = await work.reply(AWA)
    await work.worker.once()
    (sent,) = work.standin.sent
    async with listening(work.house, simulator=False) as url:
        for about in (Sent("ATXid_nothing", AWA, "", ""), Sent(sent.id, COUMBA, "", "")):
            for status in ("Success", "Failed"):
                assert await work.standin.report(url + WHERE, about, status) == 200
        assert (await work.line(name)).state == "sent"
        # What was reported before is not taken for a message that comes after it under another name.
        other = await work.reply(COUMBA)
        await work.worker.once()
    assert (await work.line(other)).state == "sent"


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        (("Success", "Failed"), "delivered"),
        (("Failed", "Success"), "delivered"),
        (("Failed", "Sent"), "failed"),
        (("Success", "Rejected", "Success", "Expired"), "delivered"),
    ],
)
async def test_of_reports_that_contradict_one_another_that_it_arrived_stands(
    work: Work, said: tuple[str, ...], stands: str
) -> None:
    name = await work.reply(AWA)
    await work.worker.once()
    async with listening(work.house, simulator=False) as url:
        for status in (*said, *said):
            await work.standin.report(url + WHERE, work.standin.sent[0], status)
    work.clock.passes(DAY)
    await work.worker.once()
    assert ((await work.line(name)).state, len(work.heard())) == (stands, 1)


@pytest.mark.parametrize(
    "says",
    [
        '[{"messageParts": -7, "cost": "USD 1"}]',
        '[{"messageParts": 99999999999999999999, "cost": ""}]',
        '[{"cost": "XOF 99999999999999999999"}]',
        '[{"cost": "XOF -5"}]',
    ],
)
async def test_counts_and_prices_that_cannot_be_are_our_own(work: Work, says: str) -> None:
    """One segment at 12 FCFA, whatever it says: else one answer would use up the month's budget."""
    work.standin.behave(AWA, Lie(says))
    name = await work.reply(AWA)
    await work.worker.once()
    assert ((await work.line(name)).state, (await work.line(name)).segments) == ("sent", 1)
    (spent,) = await work.house.spending.month("202611")
    assert (spent.segments, spent.cents) == (1, 1200)
