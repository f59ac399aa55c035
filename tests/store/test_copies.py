"""A store copied while it is being used, and put somewhere else, is the same store."""

import asyncio
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.services.backups import BackupError, Header, back_up, check, restore
from bot.store.copies import LOOKS, Copies, Copy, Part, Restless, closed_months
from bot.store.embedded import StoreError
from bot.store.layout import SCHEMA, agree
from tests.store.conftest import PLACES
from tests.store.contract_store import (
    AWA,
    BINTA,
    COUMBA,
    DAY,
    NOW,
    Store,
    draft,
    message,
    record,
    step,
    stock,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
HEADER = Header(SCHEMA, 8, NOW)


def copies(store: Store) -> Copies:
    return Copies(store.server.tick, store.functions)


async def held(store: Store) -> Mapping[bytes, tuple[str, int, Any]]:
    """All there is; what has no order by itself is compared without one."""
    last = {part.label: part async for part in copies(store).read()}
    return {
        copy.name: (copy.kind, copy.ends, sorted(copy.held) if copy.kind == "set" else _paired(copy))
        for part in last.values()
        for copy in part.keys
    }


def _paired(copy: Copy) -> Any:
    return dict(zip(copy.held[::2], copy.held[1::2], strict=True)) if copy.kind == "hash" else copy.held


async def life(store: Store) -> None:
    """Four months of three people: reports, a correction, messages, a draft."""
    await agree(store.functions, 8)
    for number, who in enumerate((AWA, BINTA, COUMBA)):
        for days in (0, 35, 65, 100):
            said = record("stock", stock("SRO", 12), stock("CTE", 0), at=NOW + days * DAY, msisdn=who)
            sms = message(f"m{number}-{days}", to=who)
            await store.sessions.commit(step(f"r{number}-{days}", said, msisdn=who, messages=(sms,)))
    await store.sessions.commit(step("draft", msisdn=AWA, draft=draft()))


async def test_a_backup_is_the_same_store_in_any_other_place(
    store: Store, places: dict[str, Store], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    await life(store)
    before, file, heard = await held(store), tmp_path / "b.kun", list[int]()
    assert await back_up(copies(store), HEADER, file, heard.append) == heard[-1] == len(before)
    assert file.stat().st_mode & 0o777 == 0o600
    assert check(file) == HEADER
    here = PLACES.index(request.node.callspec.params["store"])
    other = places[PLACES[here - 1]]
    await other.server.tick.every_primary("FLUSHALL")
    assert await copies(other).empty()
    assert await restore(copies(other), file, NOW, heard.append) == len(before)
    assert await held(other) == before
    there = Store(other.server)
    assert await there.differences() == []
    assert [row.id for row in await there.rows()] == [row.id for row in await store.rows()]
    await there.sessions.commit(step("after", record("stock", stock("SRO", 3), at=NOW + 101 * DAY)))
    assert len(await there.rows()) == 25


async def test_a_shard_is_copied_whole_while_reports_come_in(store: Store, tmp_path: Path) -> None:
    await life(store)
    file = tmp_path / "b.kun"
    backing = asyncio.ensure_future(back_up(copies(store), HEADER, file, lambda _: None))
    number = 0
    while not backing.done():
        number += 1
        said = record("stock", stock("SRO", number % 90), at=NOW + 101 * DAY + number)
        sms = message(f"late{number}")
        await store.sessions.commit(step(f"late{number}", said, messages=(sms,)))
    await backing
    assert number
    await store.server.tick.every_primary("FLUSHALL")
    await restore(copies(store), file, NOW, lambda _: None)
    assert await store.differences() == []
    messages = {name for name in (await store.everything()) if b"}:out:" in name}
    assert len(messages) == await outboxes(store)


async def test_a_store_that_never_holds_still_is_not_half_copied(store: Store, tmp_path: Path) -> None:
    """A report for a new day after every part: no copy agrees with itself."""
    await life(store)
    read = list[Part]()

    async def restless() -> None:
        async for part in copies(store).read():
            read.append(part)
            said = record("stock", stock("SRO", 1), at=NOW + (100 + len(read)) * DAY)
            await store.sessions.commit(step(f"restless{len(read)}", said))

    with pytest.raises(Restless):
        await restless()
    assert len(read) > LOOKS


async def outboxes(store: Store) -> int:
    """The messages that are listed."""
    names = [name for name in await store.everything() if name.endswith(b"}:outbox")]
    return sum([await store.ask("ZCARD", name) for name in names])


async def test_what_has_ended_is_not_restored(store: Store, tmp_path: Path) -> None:
    await life(store)
    file = tmp_path / "b.kun"
    await back_up(copies(store), HEADER, file, lambda _: None)
    seen = {name for name in await store.everything() if b"}:seen:" in name}
    assert len(seen) == 13
    await store.server.tick.every_primary("FLUSHALL")
    await restore(copies(store), file, NOW + 10_000 * DAY, lambda _: None)
    assert not {name for name in await store.everything() if b"}:seen:" in name}


async def test_a_store_half_restored_is_not_worked_with(store: Store, tmp_path: Path) -> None:
    await life(store)
    file = tmp_path / "b.kun"
    await back_up(copies(store), HEADER, file, lambda _: None)
    await store.server.tick.every_primary("FLUSHALL")

    def stopped(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await restore(copies(store), file, NOW, stopped)
    with pytest.raises(StoreError, match="did not end"):
        await agree(store.functions, 8)


async def test_a_backup_that_fails_leaves_the_last_one(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "b.kun"
    await life(store)
    await back_up(copies(store), HEADER, file, lambda _: None)
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space"):
        await back_up(copies(store), HEADER, file, full)
    assert file.read_bytes() == before


async def test_a_file_that_is_not_whole_is_refused(store: Store, tmp_path: Path) -> None:
    await life(store)
    file = tmp_path / "b.kun"
    await back_up(copies(store), HEADER, file, lambda _: None)
    whole = file.read_bytes()
    plain = gzip.decompress(whole)
    bad = {
        "cut short": gzip.compress(plain[:-30]),
        "cut short:": gzip.compress(plain[: plain.rindex(b"end") - 12]),
        "is damaged": whole[:-20],
        "damaged, or is none": b"not a backup",
        "damaged": gzip.compress(plain[:8] + b"\xc1" * 40 + plain[48:]),
        "no backup": gzip.compress(b""),
    }
    for why, content in bad.items():
        file.write_bytes(content)
        with pytest.raises(BackupError, match=why):
            check(file)
    file.write_bytes(whole)
    assert check(file) == HEADER


async def test_only_months_before_the_last_two_are_closed() -> None:
    names = {b"{s01}:ledger:202609", b"{s01}:ledger:202611", b"{s02}:ledger:202610", b"{s02}:ledger:202608"}
    assert closed_months(names) == {b"{s01}:ledger:202609", b"{s02}:ledger:202608"}
    assert closed_months({b"{s01}:contacts"}) == set()


async def test_a_long_list_is_written_in_bits(store: Store) -> None:
    many = [b"%d" % number for number in range(5000)]
    pairs = [part for number in range(3000) for part in (b"m%d" % number, b"%d" % number)]
    kept = [
        Copy(b"{s01}:list", "list", -1, many),
        Copy(b"{s01}:set", "set", -1, many),
        Copy(b"{s01}:zset", "zset", NOW * 2, pairs),
        Copy(b"{s01}:hash", "hash", -1, pairs),
    ]
    await copies(store).write(Part("01", kept), NOW)
    found = await held(store)
    assert found[b"{s01}:list"][2] == many
    assert found[b"{s01}:set"][2] == sorted(many)
    assert found[b"{s01}:zset"] == ("zset", NOW * 2, sorted_scores(pairs))
    assert found[b"{s01}:hash"][2] == dict(zip(pairs[::2], pairs[1::2], strict=True))


def sorted_scores(pairs: list[bytes]) -> list[bytes]:
    by_score = sorted(zip(pairs[::2], pairs[1::2], strict=True), key=lambda pair: int(pair[1]))
    return [part for pair in by_score for part in pair]
