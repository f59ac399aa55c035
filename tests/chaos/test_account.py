"""What counts the faults is itself tried: a lost write, a doubled, an invented one, and an SMS that leaves twice."""

from collections import Counter
from pathlib import Path

import pytest

from bench.kills.judging import sending_faults
from bot.app import open_house, prepare
from bot.channels.africastalking.http_sender import HttpSender
from bot.config import Settings
from bot.flow.release import Source
from bot.messages import Outbound, Receipt
from bot.services.desk import Route
from bot.store.outbox import Body, message
from tests.channels.sending import settings as account
from tests.chaos.account import Account, agrees, faults
from tests.chaos.load import house_at, under_load
from tests.chaos.sending import under
from tests.chaos.test_sending import judge, numbers_of
from tests.standin import StandIn

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


class Twice(HttpSender):
    """Planted in the sending path: it asks again, as if the first answer had not come."""

    async def send(self, messages: list[Outbound]) -> list[Receipt]:
        await super().send(messages[:1])
        return await super().send(messages)


class Never(HttpSender):
    """Planted: it says what the provider would, and asks nothing."""

    async def send(self, messages: list[Outbound]) -> list[Receipt]:
        said = await super().send(messages[1:]) if messages[1:] else []
        return [Receipt("sent", provider_id="ATXid_none"), *said]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (HttpSender, ""),
        (Twice, "sent twice: ('+22377000000', '+0 : x')"),
        (Never, "said to be sent, and never"),
    ],
)
async def test_a_message_that_leaves_twice_or_never_is_found(
    kind: type[HttpSender], found: str, settings: Settings, shipped: Source, tmp_path: Path
) -> None:
    async with StandIn() as standin:
        settings, _ = under(settings, standin, str(tmp_path / "data"))
        async with open_house(settings) as house:
            await prepare(house, shipped, with_demo=False)
            now, bodies = house.clock(), [Body(f"+2237700000{n}", "reply", f"+{n} : x") for n in range(8)]
            await house.outbox.queue(message(f"m:{n}", body, now) for n, body in enumerate(bodies))
            sender = kind(account(standin))
            await house.worker({"africastalking": Route(sender, 0, 4)}).once()
            await sender.close()
            lines = [line async for line in house.outbox.read()]
    assert {line.state for line in lines} == {"sent"}
    faults = sending_faults(lines, standin.sent)
    assert bool(faults) == bool(found)
    assert any(fault.startswith(found) for fault in faults) == bool(found)
    if found:
        by_number = {int(line.id[2:]): line for line in lines}
        with pytest.raises(AssertionError, match=found.partition(":")[0]):
            judge(by_number, numbers_of(sent.text for sent in standin.sent), len(lines))
