"""What leaves the store is what the file says: by a digest that Lua and Python reckon alike, wherever they run."""

from importlib.resources import files

import pytest

from bot.store.archived import digest_of
from bot.store.counts import Counts
from bot.store.keys import Shard
from tests.store.contract_store import Store, record, step, stock

FIELDS = {b"FAL|stock": b"1", b"FALO|stock": b"12", b"falo|checkin": b"2"}
"""Unit codes that a French server sorts otherwise than bytes are sorted."""


def test_a_digest_is_of_what_is_there_and_not_of_its_order() -> None:
    seen = digest_of(FIELDS, [b"a", b"b"])
    assert digest_of(dict(reversed(FIELDS.items())), [b"a", b"b"]) == seen
    others = [
        digest_of(FIELDS, [b"b", b"a"]),
        digest_of(FIELDS),
        digest_of(FIELDS | {b"FAL|stock": b"12", b"FALO|stock": b"1"}, [b"a", b"b"]),
        digest_of({b"FAL|stoc": b"k1", b"FALO|stock": b"12", b"falo|checkin": b"2"}, [b"a", b"b"]),
    ]
    assert len({seen, *others}) == 5


@pytest.mark.asyncio(loop_scope="session")
async def test_the_server_reckons_it_alike(store: Store) -> None:
    for unit in ("FAL", "FALO", "falo", "FALO-é"):
        said = record("stock", stock("SRO", 0), unit=unit, session=unit)
        await store.sessions.commit(step(unit, said))
    before = await store.counts("20261121")
    shards = [Shard(number) for number in range(store.shards)]
    assert await Counts(store.functions).pack(shards, ["20261121"]) == 1
    assert await Counts(store.functions).of(store.shard(), "20261121") == before


def test_no_digest_hangs_on_the_locale_of_the_server() -> None:
    """Lua compares words as the machine's language sorts them: on a French one nothing was ever packed."""
    source = files("bot.store").joinpath("archive.lua").read_text("utf-8")
    assert "sha1hex" in source
    assert "sort" not in source.replace("Lua sorts by", "")
