"""Messages and alerts that were moved are looked up as if they had not been: each once, in its place, in any store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.store.alerts import Alerts, Raised
from bot.store.archived import Archived
from bot.store.archives import Archives, Missing
from bot.store.keys import Shard
from bot.store.mail import Body
from bot.store.outbox import Outbox, message
from bot.store.past import Mark, Past
from bot.store.search import NEWEST, Search
from bot.store.things import Things
from tests.store.contract_store import AWA, BINTA, COUMBA, DAY, NOW, Store, local

pytestmark = pytest.mark.asyncio(loop_scope="session")
PEOPLE = (AWA, BINTA, COUMBA)
LATER = NOW + 200 * DAY


class Cabinet:
    """A store with messages and alerts of four months, most of them over, and a folder for what is moved."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.archived = Archived(store.functions, Archives(folder))
        self.store = store
        self.shards = [Shard(number) for number in range(store.shards)]
        self.outbox = Outbox(store.functions, store.shards, archived=self.archived)
        self.alerts = Alerts(store.functions, store.shards, self.archived)
        self.past = Past(store.functions, self.archived, store.shards)
        self.search = Search(store.functions, store.ledger, self.past, store.shards)

    async def fills(self) -> None:
        for number in range(36):
            at, who = NOW + number * 3 * DAY + number, PEOPLE[number % 3]
            await self.outbox.queue(
                [message(f"reply:{number}:{who}", Body(to=who, kind="reply", text=f"text {number}"), at)]
            )
            raised = Raised("stockout", f"stockout:{number}", who, "Awa", "FALO", "ML/FALO", "", "{}", at)
            found = await self.alerts.open(raised)
            if number % 4:
                await self.alerts.resolve(found, who, "Awa", at + 1)
        for one in await self.store.claim(LATER):
            if int(one.id.split(":")[1]) % 4:
                await self.outbox.settle(one, "sent", fields={"sent": LATER, "text": one.body.text})

    async def moves(self) -> int:
        """How many."""
        moved = 0
        for things in (self.outbox.things, self.alerts.things):
            async with self.archived.archives.held():
                found = await things.move(self.shards, LATER, lambda at: f"{local(at):%Y%m}")
            moved += sum(found.values())
        return moved

    async def sent(self, before: Mark = NEWEST, **how: Any) -> list[tuple[int, Any]]:
        return await _listed(self.search.sent(before, **how))

    async def raised(self, before: Mark = NEWEST, **how: Any) -> list[tuple[int, Any]]:
        return await _listed(self.search.raised(before, **how))


async def _listed(stream: AsyncIterator[tuple[Mark, Any]]) -> list[tuple[int, Any]]:
    """When each was made, and what it is."""
    return [(mark[0], thing) async for mark, thing in stream if thing is not None]


@pytest_asyncio.fixture(loop_scope="session")
async def cabinet(store: Store, tmp_path: Path) -> Cabinet:
    made = Cabinet(store, tmp_path / "archives")
    await made.fills()
    return made


async def test_nobody_who_looks_sees_a_difference(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor when a crash has left everything in the files and in the store, twice over."""
    sent, raised = await cabinet.sent(), await cabinet.raised()
    hers = [one for one in await cabinet.sent(msisdn=AWA) if one[1].to == AWA]
    assert (len(sent), len(raised), len(hers)) == (36, 36, 12)

    async def dies(*_: Any) -> int:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Things, "_take_out", dies)
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await cabinet.moves()
    assert [await cabinet.sent(), await cabinet.raised()] == [sent, raised]
    assert await cabinet.moves() == 54
    assert [await cabinet.sent(), await cabinet.raised()] == [sent, raised]
    assert [one for one in await cabinet.sent(msisdn=AWA) if one[1].to == AWA] == hers


async def test_one_goes_on_from_any_place_and_holds_only_what_is_meant(cabinet: Cabinet) -> None:
    await cabinet.moves()
    for most in (1, 4, 100):
        whole = [(mark, one) async for mark, one in cabinet.search.sent(most=most)]
        for place, (mark, _) in enumerate(whole[::7]):
            rest = [one for _, one in whole[place * 7 + 1 :] if one is not None]
            assert [one for _, one in await cabinet.sent(mark, most=most)] == rest, (most, mark)
    months = sum(one is None for _, one in whole)
    assert months == len(await cabinet.past.months(cabinet.outbox.things.kind)) == 5
    meant = [one for one in await cabinet.sent() if one[1].text.endswith("7")]
    found = await cabinet.sent(meant=lambda line: line.text.endswith("7"), most=1)
    assert [one for one in found if one[1].text.endswith("7")] == meant
    assert len(meant) == 3


async def test_one_of_them_is_found_by_its_name(cabinet: Cabinet) -> None:
    lines = {line.id: line async for line in cabinet.outbox.read()}
    alerts = {number: await cabinet.alerts.get(number) for number in await cabinet.alerts.numbers(0)}
    logs = {number: await cabinet.alerts.log(number) for number in alerts}
    await cabinet.moves()
    gone = [name for name in lines if await cabinet.outbox.find(name) is None]
    assert len(gone) == 27
    months = await cabinet.past.months(cabinet.outbox.things.kind)
    for name in gone:
        found = [await cabinet.past.message(name, month) for month in months]
        assert list(filter(None, found)) == [lines[name]]
    assert await cabinet.past.message("reply:1", months[0]) is None
    over = [number for number in alerts if await cabinet.alerts.get(number) is None]
    assert len(over) == 27
    for number in over:
        assert await cabinet.past.alert(number) == (alerts[number], logs[number])
    assert await cabinet.past.alert(10**9) is None


async def test_a_month_of_alerts_is_whole_wherever_they_are(cabinet: Cabinet) -> None:
    first, end = (NOW + 10 * DAY, NOW + 41 * DAY)  # 1 December 2026, 9:12, to 1 January
    assert [f"{local(at):%Y%m%d}" for at in (first, end)] == ["20261201", "20270101"]
    before = sorted(await cabinet.past.opened("202612", first, end), key=lambda one: one.number)
    assert len(before) == 10
    oldest = await cabinet.past.oldest(cabinet.alerts.things.kind)
    assert oldest == NOW
    await cabinet.moves()
    assert sorted(await cabinet.past.opened("202612", first, end), key=lambda one: one.number) == before
    assert f"{local(await cabinet.past.oldest(cabinet.alerts.things.kind)):%Y%m}" == "202611"


async def test_without_the_file_half_a_list_is_not_shown_for_a_whole_one(cabinet: Cabinet) -> None:
    await cabinet.moves()
    for file in cabinet.archived.archives.files():
        file.unlink()
    for looking in (cabinet.sent(), cabinet.raised(), cabinet.past.opened("202612", 0, LATER)):
        with pytest.raises(Missing):
            await looking
