"""Several gateways on one port: any of them answers any step, one that dies is replaced, all end together."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from socket import create_server

import pytest
from aiohttp import ClientError, ClientSession

from bot.app import open_house, prepare
from bot.config import Settings
from bot.files import source
from tests.calls import Phone
from tests.chaos.running import start, stop
from tests.conftest import ROOT


async def test_a_gateway_that_dies_is_replaced_and_no_call_is_lost(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--data", str(tmp_path), "--port", "0", "--demo",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "KUNNAFONI_SERVER__WORKERS": "2"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        match = re.search(r"http://\S+", (await process.stdout.readline()).decode())
        assert match is not None
        (first,) = await gateways(process.pid, lambda pids: len(pids) == 1)
        assert await checks_in(match[0], "+22370000001") == "END A marala. I ni ce."
        os.kill(first, signal.SIGKILL)
        await gateways(process.pid, lambda pids: len(pids) == 1 and first not in pids)
        assert await checks_in(match[0], "+22370000003") == "END A marala. I ni ce."
    finally:
        process.terminate()
        assert await process.wait() == 0
    assert not Path(f"/proc/{first}").exists()


async def test_they_share_the_socket_that_a_service_manager_holds(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one beside answers while the first is held up; with a port of its own it could not even start."""
    monkeypatch.setenv("KUNNAFONI_SERVER__WORKERS", "2")
    async with open_house(own) as house:
        await prepare(house, source(ROOT), with_demo=True)
        with create_server(("127.0.0.1", 0)) as door:
            first, url = await start("gateway", "--data", own.store.data, "--no-demo", socket=door.fileno())
            (other,) = await gateways(first.pid, lambda pids: len(pids) == 1)
            os.kill(first.pid, signal.SIGSTOP)
            try:
                assert await checks_in(url, "+22370000001") == "END A marala. I ni ce."
                assert await gateways(first.pid, lambda pids: len(pids) == 1) == {other}
            finally:
                os.kill(first.pid, signal.SIGCONT)
                assert await stop(first) == 0
    assert not Path(f"/proc/{other}").exists()


async def gateways(parent: int, enough: Callable[[set[int]], bool]) -> set[int]:
    """The gateways beside that process, once there are as many as wanted."""
    async with asyncio.timeout(30):
        while not enough(pids := beside(parent)):  # noqa: ASYNC110 - a process has no event to wait for
            await asyncio.sleep(0.02)
    return pids


def beside(parent: int) -> set[int]:
    pids: set[int] = set()
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        pids |= {int(pid) for pid in children.read_text().split() if "\0gateway\0" in command_of(int(pid))}
    return pids


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


async def checks_in(url: str, msisdn: str) -> str:
    """Pay received, each step on a connection of its own, so that any gateway may get it."""
    shown = ""
    session = f"ATUid_{msisdn[1:]}"
    for text in ("", "5", "5*1"):
        async with asyncio.timeout(30):
            while not (shown := await asked(url, msisdn, session, text)):  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.02)
    return shown


async def asked(url: str, msisdn: str, session: str, text: str) -> str:
    """One request; empty when the gateway that had it was dying."""
    try:
        async with ClientSession() as client:
            return await Phone(client, url, msisdn).asks(text, session)
    except ClientError:
        return ""
