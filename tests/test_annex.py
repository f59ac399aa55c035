"""The console in a process of its own: asked through the one port, started again, and gone when its gateway is."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientPayloadError, ClientSession, UnixConnector, web
from aiohttp.test_utils import TestServer

from bot.annex import FROM, Annex, _asked, _handed_on
from bot.app import listening
from bot.house import House
from tests.consoles import consoles_of
from tests.servers import until


def beside(house: House, *words: str) -> Annex:
    told = {"KUNNAFONI_STORE__URL": house.server.url, "KUNNAFONI_STORE__SHARDS": "8"}
    return Annex(["--data", house.settings.store.data, "--simulator", *words], told)


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    async with listening(house, simulator=True, apart=beside(house)) as url:
        yield url


async def status(client: ClientSession, url: str, **how: str) -> int:
    async with client.get(url, headers=how) as answer:
        await answer.read()
        return answer.status


async def test_it_answers_as_if_it_were_here(url: str, client: ClientSession, house: House) -> None:
    assert consoles_of(os.getpid()) == []
    await house.keeper.add("Cheffe", "admin", "une phrase assez longue")
    async with client.get(f"{url}/admin/sign-in?lang=en") as page:
        shown = await page.text()
        assert (page.status, page.headers["Server"], "Sign in" in shown) == (200, "kunnafoni", True)
        cookie = page.cookies["kunnafoni_form"]
    assert len(consoles_of(os.getpid())) == 1
    form = {"name": "Cheffe", "password": "une phrase assez longue"}
    form["csrf"] = shown.partition('name="csrf" value="')[2].partition('"')[0]
    there = f"{url}/admin/sign-in"
    async with client.post(
        there, data=form, cookies={cookie.key: cookie.value}, allow_redirects=False, expect100=True
    ) as answer:
        assert (answer.status, "kunnafoni" in answer.cookies) == (303, True)
    async with client.head(there) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    assert await status(client, f"{url}/api/v1/contacts") == 401
    assert await status(client, f"{url}/healthz") == 200


async def test_it_knows_who_asks_and_takes_nobodys_word_for_it(url: str, client: ClientSession) -> None:
    """The phone simulator is for who sits at this machine."""
    assert await status(client, f"{url}/admin/phone") == 200
    assert await status(client, f"{url}/admin/phone", **{FROM: "192.0.2.7"}) == 200
    assert await status(client, f"{url}/admin/phone", **{"X-Forwarded-For": "192.0.2.7"}) == 403


async def test_one_that_was_killed_is_started_again(url: str, client: ClientSession) -> None:
    assert await status(client, f"{url}/admin/sign-in") == 200
    (first,) = consoles_of(os.getpid())
    os.kill(first, signal.SIGKILL)

    async def another() -> bool:
        return await status(client, f"{url}/admin/sign-in") == 200 and consoles_of(os.getpid()) not in (
            [],
            [first],
        )

    await until(another)


async def test_one_that_does_not_start_is_said(house: House, client: ClientSession) -> None:
    async with (
        listening(house, simulator=False, apart=beside(house, "--config", "/none")) as url,
        client.get(f"{url}/admin/") as answer,
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
        assert (await answer.text()).startswith("La console ne répond pas")


async def test_an_answer_that_breaks_off_is_broken_off(
    client: ClientSession, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What was sent of it cannot be taken back; nobody takes half a page, or half a sheet, for a whole one."""

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")
        await writer.drain()
        writer.close()

    async def handed_on(request: web.Request) -> web.StreamResponse:
        way = UnixConnector(str(tmp_path / "console"))
        async with ClientSession(connector=way) as console, await _asked(console, request) as answer:
            return await _handed_on(answer, request)

    app = web.Application()
    app.add_routes([web.get("/admin/contacts.csv", handed_on)])
    console = await asyncio.start_unix_server(half, tmp_path / "console")
    async with console, TestServer(app) as here, client.get(here.make_url("/admin/contacts.csv")) as answer:
        assert answer.status == 200
        with pytest.raises(ClientPayloadError):
            await answer.read()
    assert "answer_broken_off" in caplog.text
