"""The embedded store under everything that happens to a small server in a district office."""

import asyncio
import fcntl
import os
import platform
import shutil
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

from bot.store import embedded
from bot.store.embedded import SOCKET_PATH_LIMIT, Embedded, StoreError
from bot.store.servers import connect
from bot.store.tick import StoreUnavailable, Tick
from tests.servers import until

ROOT = Path(__file__).parents[2]
WRITERS = 32
INCREMENT = "appendonlydir/appendonly.aof.1.incr.aof"

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
    # Not pytest's folder, whose path is too long for a socket on macOS.
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "data"


def process(data: Path, does: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", OWNER, str(data), does]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


async def pid_of(place: Embedded) -> int:
    async with Redis.from_url(place.url, protocol=3) as client:
        return int((await client.info("server"))["process_id"])


async def fill(data: Path, keys: int) -> None:
    server = await connect("embedded", data)
    for number in range(keys):
        await server.tick.call("SET", f"key:{number}", "x" * 40)
    await server.close()


async def keys_in(data: Path) -> int:
    server = await connect("embedded", data)
    found = int(await server.tick.call("DBSIZE"))
    await server.close()
    return found


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


def open_to_others(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.stat().st_mode & 0o077]


def open_up(folder: Path) -> None:
    for private in folder.iterdir():
        private.chmod(0o755)


async def write(url: str, key: str, value: str) -> None:
    async with Redis.from_url(url) as client:
        await client.set(key, value)


async def test_the_server_promises_what_the_reports_need(data: Path) -> None:
    place = await Embedded.start(data)
    async with Redis.from_url(place.url) as client:
        said = await client.config_get(*embedded._SETTINGS)
        files = open_to_others(data)
        pid = (await client.info("server"))["process_id"]
        server_group = os.getpgid(pid)
    assert said == embedded._SETTINGS | {"auto-aof-rewrite-min-size": "67108864"}
    assert files == ["store.log"]
    assert server_group == pid != os.getpgrp()
    await place.stop()


async def test_a_path_too_long_for_a_socket_gets_a_short_one_that_the_folder_remembers(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = data / ("long" * 30)
    place = await Embedded.start(long)
    assert len(place.url.removeprefix("unix://")) <= SOCKET_PATH_LIMIT < len(str(long / "store.sock"))
    with tempfile.TemporaryDirectory() as other:
        monkeypatch.setattr(tempfile, "tempdir", other)
        shared = await Embedded.start(long)
        assert (shared.url, shared.owned) == (place.url, False)
        copy = long.with_name("copy" * 30)
        shutil.copytree(long, copy, ignore=shutil.ignore_patterns("owner.lock"))
        beside = await Embedded.start(copy)
        assert beside.owned
        assert beside.url != place.url
        for each in (beside, shared, place):
            await each.stop()
    shutil.rmtree(Path(place.url.removeprefix("unix://")).parent)


async def test_a_short_folder_that_others_can_enter_is_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as other:
        monkeypatch.setattr(tempfile, "tempdir", other)
        await (await Embedded.start(data / ("long" * 30))).stop()
        open_up(Path(other))
        with pytest.raises(StoreError, match="open to others"):
            await Embedded.start(data / ("long" * 30))


async def test_a_write_torn_by_a_power_cut_costs_that_write_only(data: Path) -> None:
    await fill(data, 1000)
    log = data / INCREMENT
    os.truncate(log, log.stat().st_size - 17)
    assert await keys_in(data) == 999


async def test_a_damaged_log_is_refused_in_words_and_never_touched(data: Path) -> None:
    await fill(data, 1000)
    log = data / INCREMENT
    whole = log.read_bytes()
    middle = whole.index(b"$", len(whole) // 2)
    damaged = whole[:middle] + b"\xff" + whole[middle + 1 :]
    log.write_bytes(damaged)
    for _ in range(2):
        with pytest.raises(StoreError, match="Bad file format") as refused:
            await Embedded.start(data)
        assert "kunnafoni restore" in str(refused.value)
        assert str(data) in str(refused.value)
        assert log.read_bytes() == damaged
    log.write_bytes(whole)
    assert await keys_in(data) == 1000


async def test_a_server_that_cannot_come_back_is_said_once_and_does_not_hold_up_the_end(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(data, 100)
    place = await Embedded.start(data)
    log = data / INCREMENT
    log.write_bytes(log.read_bytes().replace(b"$", b"\xff", 20))
    os.kill(await pid_of(place), signal.SIGKILL)

    async def said() -> bool:
        return "store lost" in caplog.text

    await until(said)
    assert "Bad file format" in caplog.text
    await place.stop()


async def test_a_long_log_is_waited_for_and_its_progress_told(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await fill(data, 1)
    keys = 1_000_000
    with (data / INCREMENT).open("ab") as log:
        for number in range(keys):
            log.write(b"*3\r\n$3\r\nSET\r\n$7\r\n%07d\r\n$1\r\nx\r\n" % number)
    assert await keys_in(data) == keys + 1
    assert "percent=" in caplog.text


async def test_a_folder_that_is_none_is_said_in_words(data: Path) -> None:
    (data.parent / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"):
        await Embedded.start(data.parent / "file")


async def test_a_machine_without_a_server_for_it_is_told_to_name_one(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(StoreError, match=r"riscv64.*\[store\] url"):
        await Embedded.start(data)


async def test_a_process_that_cannot_be_made_is_said_in_words(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setattr(embedded, "get_binary_path", lambda: Path("/nowhere/valkey-server"))
    with pytest.raises(StoreError, match="cannot be used"):
        await Embedded.start(data)


async def test_a_lock_whose_holder_does_not_answer_is_named(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_STUCK", 0.1)
    with (data.parent / "owner.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match=r"owner\.lock.*end the process"):
            await Embedded.start(data.parent)


async def test_a_lock_removed_under_a_running_server_makes_no_second_one(data: Path) -> None:
    first = await Embedded.start(data)
    (data / "owner.lock").unlink()
    second = await Embedded.start(data)
    assert not second.owned
    assert await pid_of(second) == await pid_of(first)
    await second.stop()
    await first.stop()


async def test_a_server_that_does_not_stop_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = await Embedded.start(data)
    pid = await pid_of(place)
    monkeypatch.setattr(embedded, "_FAREWELL", 0.1)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(StoreError, match=f"pid {pid}"):
        await place.stop()
    os.kill(pid, signal.SIGCONT)
    assert await keys_in(data) == 0


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
