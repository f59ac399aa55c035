"""What counts the faults is itself tried: a lost write, a doubled one and an invented one are each found."""

from collections import Counter

import pytest

from bot.config import Settings
from bot.flow.release import Source
from tests.chaos.account import Account, agrees, faults
from tests.chaos.load import house_at, under_load

A, B = ("+22376100000", 1), ("+22376100001", 1)


@pytest.mark.parametrize(
    ("kept", "tried", "ledger", "found"),
    [
        ([A], {A, B}, [A], []),
        ([A], {A, B}, [A, B], []),
        ([A, B], {A, B}, [A], [f"acknowledged, and lost: {B}"]),
        ([A], {A}, [A, A], [f"kept twice: {A}"]),
        ([], {A}, [A, B], [f"kept, and never said: {B}"]),
    ],
)
def test_each_fault_is_found(
    kept: list[tuple[str, int]], tried: set[tuple[str, int]], ledger: list[tuple[str, int]], found: list[str]
) -> None:
    assert faults(Account(kept, tried), Counter(ledger)) == found


async def test_a_write_that_is_taken_out_of_the_store_is_missed(own: Settings, shipped: Source) -> None:
    async with house_at("embedded", own, shipped) as house:
        async with under_load(house) as (load, _):
            pass
        await agrees(load.account, house)
        ledgers = [name for name in await house.server.tick.names() if b":ledger:" in name]
        (xid, _), *_ = await house.server.tick.call("XRANGE", ledgers[0], "-", "+")
        await house.server.tick.call("XDEL", ledgers[0], xid)
        with pytest.raises(AssertionError, match="acknowledged, and lost"):
            await agrees(load.account, house)
