"""An archive file that is not as it was written is named, and never taken for one with less in it."""

import random
from pathlib import Path

import pytest

from bot.store.archives import Archives
from bot.store.embedded import StoreError
from bot.store.keys import Shard

SHARDS = [Shard(number) for number in range(3)]
LINES = [f'{{"id":"{number}-0","entry":"{number * number}"}}\n'.encode() for number in range(300)]


@pytest.fixture
def archives(tmp_path: Path) -> Archives:
    """One file; the second shard has nothing in it."""
    archives = Archives(tmp_path)
    with archives.writing("ledger", "202601") as writer:
        for shard in SHARDS:
            with writer.section(shard) as out:
                out.writelines([] if shard.number == 1 else LINES)
        writer.done()
    return archives


def read(archives: Archives) -> list[bytes]:
    return [line for shard in SHARDS for line in archives.lines("ledger", "202601", shard)]


def test_what_was_written_is_read(archives: Archives) -> None:
    assert read(archives) == LINES * 2


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_said_to_be_one(archives: Archives, seed: int) -> None:
    file = archives.file("ledger", "202601")
    whole, chance = file.read_bytes(), random.Random(seed)
    said: list[str] = []
    for turn in range(100):
        damaged = bytearray(whole[: chance.randrange(len(whole))] if turn % 4 == 0 else whole)
        for _ in range(min(chance.choice((1, 2, 9)), len(damaged)) if turn % 4 else 0):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(damaged)
        try:
            # Bytes that say nothing, such as a date, may be others.
            assert read(archives) == LINES * 2
        except StoreError as error:
            said.append(str(error))
    assert len(said) > 50
    assert all(f"{file} is damaged" in one for one in said)
