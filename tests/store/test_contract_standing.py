"""How the latest row of a subject is written, and read back: once what its key and field say is put beside it."""

import pytest
from msgspec import json

from tests.store.contract_store import AWA, DAY, NOW, Store, record, stock
from tests.store.test_contract_projections import TODAY, keep

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_row_says_once_what_it_says(store: Store) -> None:
    for at, quantity in (NOW, 12), (NOW + DAY, 10):
        await keep(store, record("stock", stock("SRO", quantity), at=at, session=f"call {quantity}"))
    written = json.decode((await store.hash(store.shard().last(AWA)))["stock:SRO"])
    assert set(written) == {"id", "at", "day", "week", "unit", "conversation", "answers", "counted", "prev"}
    assert written["counted"] == [[NOW, 12], [NOW + DAY, 10]]
    assert set(written) - set(written["prev"]) == {"counted", "prev"}


async def test_a_row_as_it_was_written_once_is_read_like_any(store: Store) -> None:
    (before,) = await keep(store, record("stock", stock("SRO", 12)))
    key = store.shard().last(AWA)
    written = json.decode((await store.hash(key))["stock:SRO"])
    once = {
        "kind": "stock",
        "subject": "stock:SRO",
        "msisdn": AWA,
        "corrects": "",
        "yday": 325,
        "void": False,
    }
    await store.ask("HSET", key, "stock:SRO", json.encode(written | once | {"counted": [[NOW, 12, 0, 0]]}))
    assert await store.differences() == []
    (last,) = await store.sessions.last(AWA)
    assert (last.id, last.kind, last.subject) == (before.id, "stock", "stock:SRO")
    await keep(store, record("stock", stock("SRO", 10), at=NOW + 1, corrects=True))
    assert await store.counts(TODAY) == {"FALO|stock.SRO": 1, "FALO|stock.SRO.quantity": 10}
    assert await store.differences() == []


async def test_a_week_that_was_written_elsewhere_is_told(store: Store) -> None:
    await keep(store, record("stock", stock("SRO", 12)))
    key = store.shard().last(AWA)
    kept = (await store.hash(key))["stock:SRO"]
    await store.ask("HSET", key, "stock:SRO", kept.replace("W47", "W46"))
    (difference,) = await store.differences()
    assert difference.startswith(f"{key}: kept ")
