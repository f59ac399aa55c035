"""Two thousand steps at random: what was kept is what the ledger says, and what a model of it in Python says."""

import asyncio
from collections import Counter

import pytest

from bot.store.keys import Shard
from bot.store.sessions import Step
from tests.store.contract_model import PEOPLE, Model, history
from tests.store.contract_store import Store

pytestmark = pytest.mark.asyncio(loop_scope="session")

STEPS = 2000
SEED = 1


async def keep(store: Store, steps: list[Step]) -> None:
    """One contact's steps, one after the other; some of them twice."""
    for number, one in enumerate(steps):
        assert await store.sessions.commit(one) == (one.reply, True)
        if number % 5 == 0:
            assert await store.sessions.commit(one) == (one.reply, False)


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return list(history(SEED, STEPS))


@pytest.fixture(scope="module")
def model(steps: list[Step]) -> Model:
    model = Model()
    for one in steps:
        model.take(one.records[0], one.request)
    return model


async def test_a_random_history_leaves_what_a_model_of_it_says(
    store: Store, steps: list[Step], model: Model
) -> None:
    hers = [[one for one in steps if one.msisdn == msisdn] for msisdn in PEOPLE]
    await asyncio.gather(*(keep(store, each) for each in hers))

    names = await corrections_agree(store, model)
    for msisdn in PEOPLE:
        assert await store.hash(store.shard(msisdn).known(msisdn)) == model.known(msisdn)
        last = {row.subject: names[row.id] for row in await store.sessions.last(msisdn)}
        assert last == model.standing(msisdn)
    for period, expected in model.counts.items():
        assert await summed(store, period) == {name: n for name, n in expected.items() if n}
    for day, who in model.days.items():
        assert await said_on(store, day) == {name for name, times in who.items() if times}
    assert await store.differences() == []


async def corrections_agree(store: Store, model: Model) -> dict[str, str]:
    """Every row corrects the row it should; the model's name of each row by its id."""
    rows = await store.rows()
    names = {row.id: f"{row.raw}/{row.id.rpartition('-')[2]}" for row in rows} | {"": ""}
    assert {names[row.id]: names[row.corrects] for row in rows} == model.corrects
    return names


def shards(store: Store) -> list[Shard]:
    return [Shard(number) for number in range(store.shards)]


async def summed(store: Store, period: str) -> Counter[str]:
    """Every shard's counts of a period."""
    found: Counter[str] = Counter()
    for counts in await asyncio.gather(*(store.hash(f"{shard.counts}{period}") for shard in shards(store))):
        found.update({name: int(value) for name, value in counts.items()})
    return found


async def said_on(store: Store, day: str) -> set[str]:
    each = await asyncio.gather(*(store.hash(f"{shard.days}{day}") for shard in shards(store)))
    return {name for names in each for name in names}
