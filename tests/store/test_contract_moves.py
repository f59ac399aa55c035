"""A contact who changes her number again and again is, in all that follows from the ledger, one who never did."""

import pytest
from msgspec import structs

from bot.store.days import Day
from bot.store.moves import Move, Moves, When
from bot.store.sessions import Step
from tests.store.contract_model import PEOPLE, Model, history
from tests.store.contract_store import DAY, NOW, Store, local
from tests.store.test_contract_people import HER
from tests.store.test_contract_random import summed

pytestmark = pytest.mark.asyncio(loop_scope="session")

AWA = PEOPLE[0]
NUMBERS = ("+22366000001", "+22366000002", "+22366000003", AWA)
STEPS = 3000


def under(number: str, one: Step) -> Step:
    """The same, said with another number."""
    (record,) = one.records
    entry = record.entry.replace(AWA, number)
    return structs.replace(one, msisdn=number, records=(structs.replace(record, msisdn=number, entry=entry),))


def when(at: int) -> When:
    days = [Day.of(local(at - back * DAY)).day for back in range(-60, 400)]
    return When(Day.of(local(at)).month, ["2025", "2026", "2027"], days)


async def moved(store: Store, gone: str, kept: str, count: int) -> None:
    """Twice, as one that was stopped in the middle is."""
    moves, move = Moves(store.functions, store.shards), Move(f"m{count}", gone, kept, NOW + count, "sata")
    carried = await moves.out(move, when(NOW))
    assert carried is not None
    assert await moves.out(move, when(NOW)) == carried
    for _ in "twice":
        assert await moves.arrive(move, when(NOW), carried) == []
    await moves.leave(move)
    assert await moves.out(move, when(NOW)) in (None, {})


async def test_a_history_under_four_numbers_is_one_persons(store: Store) -> None:
    model, number = Model(), AWA
    steps = [one for one in history(1, STEPS) if one.msisdn == AWA]
    await store.contacts.put([structs.replace(HER, msisdn=AWA)])
    assert len(steps) > 80
    part = len(steps) // (len(NUMBERS) + 1) + 1
    for place, one in enumerate(steps):
        if place and place % part == 0:
            following = NUMBERS[place // part - 1]
            await moved(store, number, following, place)
            number = following
        model.take(one.records[0], one.request)
        assert (await store.sessions.commit(under(number, one)))[1]
    assert number == NUMBERS[-1], "and back to the first"
    assert await store.hash(store.shard(AWA).known(AWA)) == model.known(AWA)
    rows = await store.rows()
    names = {row.id: f"{row.raw}/{row.id.rpartition('-')[2]}" for row in rows} | {"": ""}
    assert {names[row.id]: names[row.corrects] for row in rows} == model.corrects
    assert {one.subject: names[one.id] for one in await store.sessions.last(AWA)} == model.standing(AWA)
    for period, expected in model.counts.items():
        # What is said in one shard and corrected in another comes to nothing over both.
        found = {name: n for name, n in (await summed(store, period)).items() if n}
        assert found == {name: n for name, n in expected.items() if n}
    assert await store.differences() == []
    contact = await store.contacts.get(AWA)
    assert contact is not None
    assert [gone for gone, _ in contact.before] == [AWA, *NUMBERS[:-1]]
