"""The embedded store lives on: its server killed, its owner killed, started by many at once."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvloop
from redis.asyncio import Redis

from bot.store.embedded import Embedded
from bot.store.servers import connect
from bot.store.tick import StoreUnavailable, Tick
from tests.servers import until
from tests.store.folders import pid_of, write

ROOT = Path(__file__).parents[2]
WRITERS = 32

# A process of its own that starts the store, says what it found, and writes as long as it lives.
OWNER = """
import asyncio, sys
from pathlib import Path
from bot.store.embedded import Embedded
from bot.store.servers import connect

async def main():
    place = await Embedded.start(Path(sys.argv[1]))
    server = await connect(place.url, Path(sys.argv[1]))
    pid = (await server.client.info("server"))["process_id"]
    print(place.owned, pid, flush=True)
    if sys.argv[2] == "waits":
        await asyncio.to_thread(sys.stdin.readline)
    async def write(writer):
        for number in range(sys.maxsize):
            await server.tick.call("SET", f"{writer}:{number}", number)
            print(f"{writer}:{number}", flush=True)
    if sys.argv[2] == "writes":
        await asyncio.gather(*(write(writer) for writer in range(32)))
    await server.close()
    await place.stop()

asyncio.run(main())
"""


@pytest.fixture
def data() -> Iterator[Path]:
    # Not pytest's own folder, whose path is too long for a socket.
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "data"


def process(data: Path, does: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", OWNER, str(data), does]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


async def write_until_lost(tick: Tick, writer: int, acknowledged: set[str]) -> None:
    number = 0
    while True:
        try:
            await tick.call("SET", f"{writer}:{number}", number)
        except StoreUnavailable:
            return
        acknowledged.add(f"{writer}:{number}")
        number += 1


async def test_a_killed_server_is_taken_up_again_with_every_acknowledged_write(data: Path) -> None:
    server = await connect("embedded", data)
    acknowledged: set[str] = set()
    writers = [
        asyncio.create_task(write_until_lost(server.tick, each, acknowledged)) for each in range(WRITERS)
    ]

    async def enough() -> bool:
        return len(acknowledged) > 3000

    await until(enough)
    os.kill((await server.client.info("server"))["process_id"], signal.SIGKILL)
    await asyncio.gather(*writers)

    async def back() -> bool:
        try:
            return bool(await server.tick.call("PING"))
        except StoreUnavailable:
            return False

    await until(back)
    found = await asyncio.gather(*(server.tick.call("GET", key) for key in acknowledged))
    assert [key for key, value in zip(acknowledged, found, strict=True) if value is None] == []
    await server.close()


async def test_the_server_ends_with_its_killed_owner_and_keeps_every_acknowledged_write(data: Path) -> None:
    with process(data, "writes") as owner:
        assert owner.stdout is not None
        owned, pid = owner.stdout.readline().split()
        acknowledged = [owner.stdout.readline().strip() for _ in range(3000)]
        owner.kill()
        acknowledged += owner.stdout.read().split("\n")[:-1]
    place = await Embedded.start(data)  # perhaps at the old server, in its last moments

    async def alone() -> bool:
        return place.owned

    await until(alone)
    assert owned == "True"
    assert await pid_of(place) != int(pid)
    async with Redis.from_url(place.url, protocol=3) as client:
        found = await client.mget(acknowledged)
    assert [key for key, value in zip(acknowledged, found, strict=True) if value is None] == []
    await place.stop()


async def test_of_processes_that_start_together_one_runs_the_server_and_all_use_it(data: Path) -> None:
    starters = [process(data, "waits") for _ in range(4)]
    said = [await asyncio.to_thread(starter.stdout.readline) for starter in starters if starter.stdout]
    assert sorted(line.split()[0] for line in said) == ["False", "False", "False", "True"]
    assert len({line.split()[1] for line in said}) == 1
    for starter in starters:
        starter.communicate("end\n")
    assert [starter.returncode for starter in starters] == [0, 0, 0, 0]


async def test_a_second_place_shares_the_server_and_takes_it_over_when_the_first_ends(data: Path) -> None:
    first = await Embedded.start(data)
    second = await Embedded.start(data)
    third = await Embedded.start(data)
    assert [first.owned, second.owned, third.owned] == [True, False, False]
    await third.stop()
    await write(first.url, "reported", "12")

    await first.stop()

    async def taken_over() -> bool:
        return second.owned

    await until(taken_over)
    async with Redis.from_url(second.url) as client:
        assert await client.get("reported") == b"12"
    await second.stop()


async def test_a_lock_removed_under_a_running_server_makes_no_second_one(data: Path) -> None:
    first = await Embedded.start(data)
    (data / "owner.lock").unlink()
    second = await Embedded.start(data)
    assert not second.owned
    assert await pid_of(second) == await pid_of(first)
    await second.stop()
    await first.stop()


async def test_the_server_outlives_the_thread_that_started_it(data: Path) -> None:
    async def start() -> None:
        place = await Embedded.start(data)
        place._watch.cancel()
        place._line.writer.close()

    starter = threading.Thread(target=lambda: asyncio.run(start()))
    starter.start()
    await asyncio.to_thread(starter.join)
    shared = await Embedded.start(data)
    assert not shared.owned
    async with Redis.from_url(shared.url) as client:
        assert await client.ping()
    os.kill(await pid_of(shared), signal.SIGTERM)

    async def taken_over() -> bool:
        return shared.owned

    await until(taken_over)
    await shared.stop()


def test_it_is_the_same_under_uvloop(data: Path) -> None:
    async def live() -> None:
        place = await Embedded.start(data)
        await write(place.url, "reported", "12")
        pid = await pid_of(place)
        os.kill(pid, signal.SIGKILL)

        async def back() -> bool:
            return (data / "store.log").read_text().count("Ready to accept connections") == 2

        await until(back)
        async with Redis.from_url(place.url) as client:
            assert await client.get("reported") == b"12"
        await place.stop()

    uvloop.run(live())
