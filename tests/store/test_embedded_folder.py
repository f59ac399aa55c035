"""The embedded store says what is wrong, in words, and never makes it worse."""

import fcntl
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.store import embedded
from bot.store.embedded import SOCKET_PATH_LIMIT, Embedded, StoreError
from tests.servers import until
from tests.store.folders import INCREMENT, fill, keys_in, pid_of


@pytest.fixture
def data() -> Iterator[Path]:
    # Not pytest's own folder, whose path is too long for a socket.
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "data"


def open_to_others(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.stat().st_mode & 0o077]


def open_up(folder: Path) -> None:
    for private in folder.iterdir():
        private.chmod(0o755)


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
        assert "docs/operating.md" in str(refused.value)
        assert str(data) in str(refused.value)
        assert log.read_bytes() == damaged
    log.write_bytes(whole)
    assert await keys_in(data) == 1000


async def test_a_server_that_cannot_come_back_is_said_once_and_comes_back_when_it_can(
    data: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_AGAIN", 0.01)
    await fill(data, 100)
    place = await Embedded.start(data)
    log = data / INCREMENT
    whole = log.read_bytes()
    log.write_bytes(whole.replace(b"$", b"\xff", 20))
    os.kill(await pid_of(place), signal.SIGKILL)

    async def tried_again() -> bool:
        return (data / "store.log").read_text().count("Bad file format") > 2

    await until(tried_again)
    assert caplog.text.count("store lost") == 1
    assert "Bad file format" in caplog.text
    log.write_bytes(whole)

    async def back() -> bool:
        with suppress(RedisError):
            return await pid_of(place) > 0
        return False

    await until(back)
    await place.stop()
    assert await keys_in(data) == 100


@pytest.fixture
def dies_at_first(data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has the server killed so many times before it answers."""
    own = embedded._command

    def so_often(times: int) -> None:
        left = [["/bin/sh", "-c", "kill -9 $$"]] * times
        monkeypatch.setattr(embedded, "_command", lambda *place: left.pop() if left else own(*place))

    return so_often


async def test_a_server_killed_while_it_starts_is_started_again(
    data: Path, dies_at_first: Callable[[int], None]
) -> None:
    dies_at_first(2)
    assert await keys_in(data) == 0


async def test_a_server_killed_again_and_again_is_said_in_words(
    data: Path, dies_at_first: Callable[[int], None]
) -> None:
    dies_at_first(5)
    with pytest.raises(StoreError, match="killed 5 times"):
        await Embedded.start(data)


async def test_a_long_log_is_waited_for_and_its_progress_told(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await fill(data, 1)
    keys = 400_000
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


async def test_a_server_that_does_not_stop_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = await Embedded.start(data)
    pid = await pid_of(place)
    monkeypatch.setattr(embedded, "_FAREWELL", 0.1)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(StoreError, match=f"pid {pid}"):
        await place.stop()
    os.kill(pid, signal.SIGCONT)
    assert await keys_in(data) == 0
