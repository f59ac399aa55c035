"""A store that an earlier version laid out is brought up to date, once, and by nothing but steps there are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store import layout
from bot.store.embedded import StoreError
from bot.store.functions import Functions
from bot.store.keys import META
from bot.store.layout import SCHEMA, agree
from bot.store.servers import connect


@pytest.fixture
async def functions(tmp_path: Path) -> AsyncIterator[Functions]:
    server = await connect("embedded", tmp_path / "data")
    yield Functions(server.tick)
    await server.close()


async def said(functions: Functions) -> list[bytes]:
    found: list[bytes] = await functions.line.call("HMGET", META, "schema", "shards")
    return found


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """This version has schema 3, and a way there from 1; each step writes down that it was taken."""
    taken: list[str] = []

    async def second(functions: Functions, shards: int) -> None:
        taken.append(f"2 of {shards}")
        await functions.line.call("SET", "{s00}:new", "2")

    async def third(functions: Functions, shards: int) -> None:
        taken.append(f"3 of {shards}")
        if len(taken) == 2:
            raise ConnectionError("killed on the way")

    monkeypatch.setattr(layout, "SCHEMA", 3)
    monkeypatch.setattr(layout, "STEPS", {2: second, 3: third})
    return taken


async def test_an_older_store_takes_each_step_once_and_goes_on_where_it_was_stopped(
    functions: Functions, steps: list[str]
) -> None:
    await functions.line.call("HSET", META, "schema", 1, "shards", 8)
    with pytest.raises(ConnectionError):
        await agree(functions, 8)
    assert await said(functions) == [b"2", b"8"]
    await agree(functions, 8)
    await agree(functions, 8)
    assert steps == ["2 of 8", "3 of 8", "3 of 8"]
    assert await said(functions) == [b"3", b"8"]


async def test_a_new_store_takes_no_step(functions: Functions, steps: list[str]) -> None:
    await agree(functions, 8)
    assert (steps, await said(functions)) == ([], [b"3", b"8"])


async def test_a_store_from_which_nothing_leads_here_is_refused(
    functions: Functions, steps: list[str]
) -> None:
    await functions.line.call("HSET", META, "schema", 0, "shards", 8)
    with pytest.raises(StoreError, match="nothing leads from there"):
        await agree(functions, 8)
    assert steps == []


async def test_a_newer_store_and_other_shards_are_refused(functions: Functions) -> None:
    await functions.line.call("HSET", META, "schema", SCHEMA + 1, "shards", 8)
    with pytest.raises(StoreError, match="start that version"):
        await agree(functions, 8)
    with pytest.raises(StoreError, match="shards 8, and 64"):
        await agree(functions, 64)
