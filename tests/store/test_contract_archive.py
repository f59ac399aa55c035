"""What was moved to the archive is read as if it had not been: each row once, and in its place."""

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from bot.store.archived import LEDGER, Archived
from bot.store.archives import Archives, Busy, Missing
from bot.store.archiving import PIECE, Ledgers, Piece
from bot.store.counts import Counts
from bot.store.keys import Shard
from bot.store.ledger import Ledger, Row, Told
from bot.store.past import Past
from bot.store.search import Search
from bot.store.words import Words
from tests.store.contract_store import AWA, BINTA, COUMBA, DAY, NOW, Store, record, step, stock

pytestmark = pytest.mark.asyncio(loop_scope="session")
LAST = "202612"


class Shelf:
    """A store with a folder for what is old."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.archives = Archives(folder)
        self.archived = Archived(store.functions, self.archives)
        self.shards = [Shard(number) for number in range(store.shards)]
        store.ledger = Ledger(store.functions, store.shards, self.archived)
        self.ledgers = Ledgers(store.functions, self.archived, self.shards)
        self.search = Search(
            store.functions, store.ledger, Past(store.functions, self.archived, store.shards), store.shards
        )
        self.words = Words(store.functions, store.shards, self.archived)

    async def says(self, name: str, quantity: int, at: int, msisdn: str = AWA, **how: Any) -> None:
        said = record(
            "stock", stock("SRO", quantity), stock("CTE", 1), at=at, msisdn=msisdn, session=name, **how
        )
        await self.store.sessions.commit(step(name, said, msisdn=msisdn))

    async def lives(self) -> None:
        """Four months of three people, and a correction."""
        for day in range(0, 100, 9):
            for who in (AWA, BINTA, COUMBA):
                await self.says(f"{who}{day}", day % 7, NOW + day * DAY, who)
        await self.says("corrected", 50, NOW + 99 * DAY + 1, corrects=True)

    async def moves(self, last: str = LAST) -> int:
        """Entries moved."""
        async with self.archives.held():
            return sum([await self.ledgers.move(month) for month in await self.ledgers.months(last)])

    async def hot(self, month: str) -> int:
        return sum([await self.store.ask("XLEN", shard.ledger(month)) for shard in self.shards])

    async def back(self) -> list[Told]:
        return [told async for _, told in self.search.told()]


@pytest.fixture
async def shelf(store: Store, tmp_path: Path) -> Shelf:
    return Shelf(store, tmp_path / "archives")


async def test_nobody_who_reads_sees_a_difference(shelf: Shelf) -> None:
    await shelf.lives()
    rows, back = await shelf.store.rows(), await shelf.back()
    assert await shelf.moves() == 15
    assert [await shelf.hot(month) for month in ("202611", "202612", "202701", "202702")] == [0, 0, 9, 13]
    assert await shelf.store.rows() == rows
    assert await shelf.back() == back
    assert len(back) == 37
    assert [told async for _, told in shelf.search.told(msisdn=BINTA)] == [
        told for told in back if told.shard == shelf.store.shard(BINTA)
    ]
    assert await shelf.store.differences() == []
    assert await shelf.moves() == 0


async def test_of_an_archived_month_a_few_are_held_at_a_time(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.ledger.HELD", 3)
    await shelf.lives()
    back = await shelf.back()
    hers = [told async for _, told in shelf.search.told(msisdn=BINTA)]
    await shelf.moves()
    assert await shelf.back() == back
    assert [told async for _, told in shelf.search.told(msisdn=BINTA)] == hers


async def test_what_comes_late_and_what_corrects_an_archived_row_agree_with_the_rest(shelf: Shelf) -> None:
    for who in (AWA, BINTA):
        await shelf.says(f"first{who}", 5, NOW, who)
    await shelf.moves()
    await shelf.says("corrects", 6, NOW + 40 * DAY, corrects=True)
    await shelf.says("late", 7, NOW + DAY, BINTA)
    rows = await shelf.store.rows()
    corrected = {row.answers["product"]: row.id for row in rows[:2]}
    assert [row.corrects for row in rows if row.session == "corrects"] == [corrected["SRO"], corrected["CTE"]]
    assert await shelf.moves() == 2
    assert await shelf.store.rows() == rows
    assert [row.answers["quantity"] for row in rows] == [5, 1, 5, 1, 7, 1, 6, 1]
    assert await shelf.store.differences() == []


async def test_rows_that_are_moved_while_they_are_read_are_read_once(shelf: Shelf) -> None:
    many = PIECE + 7
    said = [record("checkin", {"status": "present"}, at=NOW + number) for number in range(many)]
    await asyncio.gather(
        *(shelf.store.sessions.commit(step(f"{number}", one)) for number, one in enumerate(said))
    )
    expected = [row.id for row in await shelf.store.rows()]
    assert len(set(expected)) == many
    reading = shelf.store.ledger.told(shelf.store.shard(), "202611")
    began = [await anext(reading) for _ in range(3)]
    await shelf.moves()
    told = [*began, *[one async for one in reading]]
    assert [one.id_of(0) for one in told] == expected
    assert [one.id_of(0) async for one in shelf.store.ledger.told(shelf.store.shard(), "202611")] == expected


async def test_what_changed_since_it_was_written_stays_and_goes_another_time(shelf: Shelf) -> None:
    await shelf.says("first", 5, NOW)

    class Meddled(Ledgers):
        async def _take_out(self, month: str, piece: Piece) -> bool:
            stream = shelf.store.shard().ledger(month)
            ((xid, flat),) = await shelf.store.ask("XRANGE", stream, "-", "+")
            entry = json.decode(flat[1]) | {"raw": ""}
            changed = json.encode({xid.decode(): {"entry": json.encode(entry).decode()}})
            await shelf.store.functions.call("k_reword", [stream, f"{stream}:anew"], changed)
            return await super()._take_out(month, piece)

    async with shelf.archives.held():
        assert await Meddled(shelf.store.functions, shelf.archived, shelf.shards).move("202611") == 0
    assert [row.raw for row in await shelf.store.rows()] == ["", ""]
    assert await shelf.moves() == 1
    assert [row.raw for row in await shelf.store.rows()] == ["", ""]


async def test_a_file_that_is_not_here_is_named_and_nothing_is_read_without_it(shelf: Shelf) -> None:
    await shelf.lives()
    await shelf.moves()
    file = shelf.archives.file(LEDGER, "202611")
    file.rename(file.with_name("elsewhere"))
    with pytest.raises(Missing, match="is not here"):
        await shelf.store.rows()
    with pytest.raises(Missing):
        await shelf.archived.all_here(shelf.shards)


async def test_what_is_asked_of_later_months_needs_no_file_of_earlier_ones(shelf: Shelf) -> None:
    await shelf.lives()
    every = await shelf.store.rows()
    await shelf.moves()
    for since, until in ((NOW + 40 * DAY, None), (0, NOW - 40 * DAY)):
        expected = [row for row in every if _between(row, since, until)]
        file = shelf.archives.file(LEDGER, "202611")
        away = file.rename(file.with_name("elsewhere"))
        assert await shelf.store.rows(since, until) == expected
        away.rename(file)
    for back in range(-45, 45):
        since, until = NOW + back * DAY, NOW + (back + 3) * DAY
        expected = [row for row in every if _between(row, since, until)]
        assert await shelf.store.rows(since, until) == expected


def _between(row: Row, since: int, until: int | None) -> bool:
    at = dt.datetime.fromisoformat(row.at).timestamp() * 1000
    return at >= since and (until is None or at < until)


async def test_only_one_at_a_time_is_at_the_files(shelf: Shelf) -> None:
    async with shelf.archives.held():
        with pytest.raises(Busy):
            async with shelf.archives.held(0):
                pass
    async with shelf.archives.held(0):
        pass


async def test_words_are_forgotten_in_files_too(shelf: Shelf) -> None:
    await shelf.lives()
    await shelf.moves()
    before = [row for row in await shelf.store.rows() if row.raw]
    assert await shelf.words.forget("202611", NOW) == 6
    rows = await shelf.store.rows()
    assert [row.id for row in rows if row.raw] == [row.id for row in before if row.at >= "2026-11-30T23:59"]
    assert await shelf.words.forget("202611", NOW) == 0
    assert await shelf.store.differences() == []


async def test_counts_that_are_packed_still_count_and_what_is_corrected_later_counts_beside_them(
    shelf: Shelf,
) -> None:
    counts, shard = Counts(shelf.store.functions), shelf.store.shard()
    await shelf.says("first", 5, NOW)
    await shelf.says("second", 7, NOW + DAY)
    periods = ["20261121", "202611"]
    before = [await counts.of(shard, period) for period in periods]
    assert before[0]["FALO|stock.SRO.quantity"] == 5
    ends = await shelf.store.ask("PEXPIRETIME", f"{shard.counts}20261121")
    assert await counts.pack(shelf.shards, periods) == 2
    assert await shelf.store.counts("202611") == {}
    assert [await counts.of(shard, period) for period in periods] == before
    assert await shelf.store.ask("PEXPIRETIME", shard.packed("20261121")) == ends
    assert await shelf.store.ask("PEXPIRETIME", shard.packed("202611")) == -1
    await shelf.says("corrects", 9, NOW + DAY + 1, corrects=True)
    assert await shelf.store.counts("202611") == {"FALO|stock.SRO.quantity": 2}
    assert await shelf.store.differences() == []
    assert await counts.pack(shelf.shards, periods) == 1
    assert (await counts.of(shard, "202611"))["FALO|stock.SRO.quantity"] == 14
    assert await shelf.store.differences() == []
