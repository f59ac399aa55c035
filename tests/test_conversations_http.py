"""Every conversation goes over HTTP as it goes in the core: the real gateway, the real store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from msgspec import structs

from bot.app import listening, open_house, prepare
from bot.config import Settings
from bot.flow.release import Release, Source
from bot.house import House
from bot.services.editing.leading import SHARDS
from bot.services.editing.line import NOW
from bot.services.editing.talk import play, read
from tests.line_http import HttpLine

FILES = sorted((Path(__file__).parent / "conversations").glob("*.txt"))


@pytest.fixture
async def house(settings: Settings, shipped: Source, tmp_path: Path) -> AsyncIterator[House]:
    own = structs.replace(
        settings,
        store=structs.replace(settings.store, data=str(tmp_path), shards=SHARDS),
        server=structs.replace(settings.server, port=0),
    )
    async with open_house(own, clock=lambda: NOW) as house:
        await prepare(house, shipped, with_demo=False)
        yield house


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_a_conversation_goes_so_over_http(path: Path, house: House, release: Release) -> None:
    played = []
    async with listening(house, simulator=False) as url, ClientSession() as client:
        for talk in read(path.read_text("utf-8")):
            await house.functions.line.every_primary("FLUSHDB")
            await house.releases.publish(release, NOW, "test")
            line = HttpLine(house, client, url, talk)
            await line.prepare()
            played.append("\n".join([written async for written in play(talk, line)]))
    assert "\n\n".join(played) + "\n" == path.read_text("utf-8")
