"""Gateways are replaced on the same port while calls go on: nobody hears an error, and each call ends as it began."""

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from socket import create_server

import pytest
from aiohttp import ClientSession, TCPConnector

from bot.app import open_house
from bot.config import Settings
from bot.house import House
from bot.store.embedded import StoreError
from bot.store.keys import META
from bot.store.layout import SCHEMA, agree
from tests.calls import Phone
from tests.chaos.load import NUMBERS, people
from tests.chaos.running import HANDED, start, stop
from tests.conftest import ROOT
from tests.servers import until

BUSY, LIVE = NUMBERS[:6], NUMBERS[6:]
PAY, YES = "5", "1"
THANKS, NEW_THANKS = "C'est noté. Merci.", "Bien noté, merci."
WIDER = "{s00}:wider"
NEWER = (
    """
from bot.store import layout

async def widened(functions, shards):
    for number in range(shards):
        await functions.line.call("SET", "{s%02d}:wider" % number, "1")

layout.SCHEMA += 1
layout.STEPS = {**layout.STEPS, layout.SCHEMA: widened}
"""
    + HANDED
)
"""The next version of the program, whose schema has a key more in each shard."""


class Callers:
    """Phones that report, each request on a connection of its own as through most proxies; every failure is kept."""

    def __init__(self, client: ClientSession, url: str) -> None:
        self.failed: list[str] = []
        self.kept: Counter[str] = Counter()
        self.stop = False
        self.tasks = [asyncio.create_task(self._reports(Phone(client, url, number))) for number in BUSY]

    async def _reports(self, phone: Phone) -> None:
        while not self.stop:
            try:
                await phone.dials()
                shown = await phone.types(PAY, YES)
            except Exception as error:  # noqa: BLE001 - whatever it is, the phone heard it
                self.failed.append(repr(error))
                self.stop = True
                return
            if shown in (f"END {THANKS}", f"END {NEW_THANKS}"):
                self.kept[phone.msisdn] += 1
            else:
                self.failed.append(shown)

    async def go_on(self, reports: int) -> None:
        wanted = self.kept.total() + reports

        async def gone_on() -> bool:
            return self.kept.total() >= wanted or bool(self.failed)

        await until(gone_on, 60)


async def test_a_newer_version_takes_over_gateway_by_gateway_while_calls_go_on(
    own: Settings, tmp_path: Path
) -> None:
    """The service manager holds the socket; each new gateway serves beside the old before that is told to stop."""
    said = ("gateway", "--data", own.store.data, "--no-demo")
    newer = flows_of_the_next_release(tmp_path / "next")
    async with open_house(own) as house:  # it holds the store, as a worker does
        await people(house)
        with create_server(("127.0.0.1", 0), backlog=128) as door:
            (first, url), (second, _) = await asyncio.gather(
                *(start(*said, socket=door.fileno()) for _ in range(2))
            )
            async with ClientSession(connector=TCPConnector(force_close=True)) as client:
                callers = Callers(client, url)
                live = [Phone(client, url, number) for number in LIVE]
                for phone in live:
                    await phone.dials()
                    assert (await phone.types(PAY)).startswith("CON Avez-vous re")
                news = []
                for old in (first, second):
                    news.append((await start(*said, socket=door.fileno(), cwd=newer, program=NEWER))[0])
                    await callers.go_on(len(BUSY))
                    assert await stop(old) == 0
                    await callers.go_on(len(BUSY))
                assert {await phone.types(YES) for phone in live} == {f"END {THANKS}"}
                await live[0].dials()
                assert await live[0].types(PAY, YES) == f"END {NEW_THANKS}"
                callers.stop = True
                await asyncio.gather(*callers.tasks)
            assert await asyncio.gather(*map(stop, news)) == [0, 0]
        assert callers.failed == []
        await each_call_is_kept_once_on_its_version(house, callers.kept)
        assert await house.functions.line.call("HGET", META, "schema") == b"%d" % (SCHEMA + 1)
        assert await house.functions.line.call("GET", WIDER) == b"1"
        with pytest.raises(StoreError, match="start that version"):
            await agree(house.functions, own.store.shards)  # as any start of the version before would


def flows_of_the_next_release(folder: Path) -> Path:
    """The shipped files, with other words at the end of a flow."""
    for name in ("flows", "locales"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "config.toml", folder)
    words = folder / "locales" / "fr.po"
    before = words.read_text("utf-8")
    words.write_text(before.replace(f'msgstr "{THANKS}"', f'msgstr "{NEW_THANKS}"'), "utf-8")
    assert words.read_text("utf-8") != before
    return folder


async def each_call_is_kept_once_on_its_version(house: House, kept: Counter[str]) -> None:
    rows = [(row.msisdn, row.flow_version) async for row in house.ledger.read(kind="payment")]
    assert Counter(msisdn for msisdn, _ in rows if msisdn in BUSY) == kept
    versions = {msisdn: sorted(version for number, version in rows if number == msisdn) for msisdn in LIVE}
    assert versions == {msisdn: [1, 2] if msisdn == LIVE[0] else [1] for msisdn in LIVE}
