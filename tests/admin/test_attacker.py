"""Somebody at the door with bytes no browser sends: each is refused, none of them is a mistake of ours."""

import asyncio
import logging
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession
from yarl import URL

from bot import health
from bot.admin import form
from bot.admin.pages import signing
from bot.admin.whole import mark, whole
from bot.house import House
from bot.journal import Malformed
from bot.limits import party
from bot.services.accounts import LONGEST
from tests.admin.conftest import Comes
from tests.admin.visitor import Visitor

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
PARTS = b"Content-Type: multipart/form-data; boundary=x\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
SIGN_IN = b"POST /admin/sign-in HTTP/1.1\r\n"
RAW = {
    "a cookie of any bytes": (b"GET /admin/ HTTP/1.1\r\nCookie: kunnafoni=\xff\xfe\r\n", b"", 303),
    "a form's cookie too": (b"GET /admin/sign-in HTTP/1.1\r\nCookie: kunnafoni_form=\xff\r\n", b"", 200),
    "at the phone": (b"GET /admin/phone HTTP/1.1\r\nCookie: kunnafoni=\xff\r\n", b"", 303),
    "a token of any bytes": (
        b"GET /api/v1/contacts HTTP/1.1\r\nAuthorization: Bearer kunnafoni.a.\xff\r\n",
        b"",
        401,
    ),
    "its name too": (
        b"GET /api/v1/contacts HTTP/1.1\r\nAuthorization: Bearer kunnafoni.\xff.x\r\n",
        b"",
        401,
    ),
    "an origin that is none": (SIGN_IN + FORM + b"Origin: http://[x\r\n", b"", 403),
    "a host that is none": (b"GET /admin/ HTTP/1.1\r\nHost: a:b:c:99999999\r\n", b"", 303),
    "an address that is none": (
        b"GET /admin/sign-in HTTP/1.1\r\nX-Forwarded-For: \xff, \x1b[2J\r\n".replace(b"\x1b", b"e"),
        b"",
        200,
    ),
    "packed, and it is not": (SIGN_IN + FORM + b"Content-Encoding: gzip\r\n", b"hello", 400),
    "parts of no encoding": (
        SIGN_IN + PARTS,
        PART + b"Content-Transfer-Encoding: base64\r\n\r\n!\xff\r\n--x--\r\n",
        400,
    ),
    "parts that are no text": (
        SIGN_IN + PARTS,
        PART + b"\r\n\xff\r\n--x--\r\n",
        400,
    ),
    "parts cut short": (SIGN_IN + PARTS, PART + b"\r\nab", 400),
    "more than a form may be": (SIGN_IN + FORM, b"a" * 65_600, 413),
    "a path out of the folder": (b"GET /admin/static/..%2f..%2fconsole.py HTTP/1.1\r\n", b"", 404),
    "another way out": (b"GET /admin/static/%2e%2e/console.py HTTP/1.1\r\n", b"", 303),
}


async def asked(url: str, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
    """Status and the whole answer to these bytes."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    named = b"" if b"\r\nHost: " in head else b"Host: x\r\n"
    length = b"Content-Length: %d\r\n" % len(body) if head.startswith(b"POST") else b""
    writer.write(head + named + length + b"Connection: close\r\n\r\n" + body)
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


async def test_bytes_no_browser_sends_are_refused_plainly(url: str) -> None:
    for name, (head, body, status) in RAW.items():
        said, answer = await asked(url, head, body)
        assert said == status, (name, answer[:200])
        assert b"aiohttp" not in answer, name


async def test_numbers_nobody_can_mean_are_no_numbers(comes: Comes) -> None:
    admin = await comes("admin")
    await admin.opens("/me")
    for told in ("9" * 5000, "99999999999999999999", "-1", "٣", "²", "0x1", "1e9", "\x00", "1_2", "-5_-3_1"):
        text = quote(told, safe="")
        for path in (f"/releases?before={text}", f"/reports?before={text}", f"/roster?page={text}"):
            address = URL(f"{admin.url}/admin{path}", encoded=True)
            async with admin.client.get(address) as answer:
                assert answer.status in (200, 400), path[:60]
        for path in (f"/releases/{text}", f"/alerts/{text}"):
            async with admin.client.get(URL(f"{admin.url}/admin{path}", encoded=True)) as answer:
                assert answer.status in (400, 404), path[:60]
        assert (await admin.sends("/draft/publish", seen=told)).status == 400
    assert [whole(told) for told in ("0", "17", "٣", "", "9" * 18)] == [0, 17, None, None, None]
    assert (mark("5_-3_1"), mark("5_3_1")) == ((5, -3, 1), (5, 3, 1))
    assert [mark(told) for told in ("", "-5_3_1", "5_3", "5_3_1_1", "5_--3_1", "٣_1_1")] == [None] * 6


async def test_a_place_one_came_from_ends_no_header(comes: Comes) -> None:
    editor = await comes("editor")
    await editor.opens("/flows")
    told = {"csrf": editor.proof, "seen": "0", "back": "/x\r\nSet-Cookie: a=b"}
    async with editor.client.post(
        f"{editor.url}/admin/draft/undo", data=told, allow_redirects=False
    ) as answer:
        assert answer.status < 500
        assert "a" not in answer.cookies


async def test_a_name_of_any_length_is_counted_under_a_short_one(house: House, stranger: Visitor) -> None:
    """Each wrong name is a key of the store for a while: a stranger must not fill it."""
    assert (await stranger.signs_in("x" * 30_000)).status == 403
    names = [name for name in await house.server.tick.names() if b":tries:" in name]
    assert names
    assert all(len(name) < LONGEST + 60 for name in names)
    assert len((await anext(house.audit.newest())).who) <= LONGEST + 1


@pytest.fixture
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "TRIES", 1 / 3600)


async def test_one_address_does_not_try_name_after_name(one_try: None, stranger: Visitor) -> None:
    """Each try costs a processor's time and a line of the audit log, whatever the name."""
    await stranger.opens("/sign-in")

    async def with_name(name: str, address: str) -> int:
        data = {"csrf": stranger.proof, "name": name, "password": "wrong password"}
        headers = {"X-Forwarded-For": address}
        async with stranger.client.post(
            f"{stranger.url}/admin/sign-in", data=data, headers=headers
        ) as answer:
            return answer.status

    assert await with_name("a", "2001:db8::1") == 403
    assert await with_name("b", "2001:db8::2") == 429, "one household, whichever of its addresses it takes"
    assert await with_name("b", "203.0.113.9") == 403
    assert party("2001:db8::1") == party("2001:db8::ffff:1%eth0") != party("2001:db8:0:1::1")
    assert party("203.0.113.9") == "203.0.113.9"


async def test_a_form_that_never_ends_is_not_waited_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "PATIENCE", 0.1)
    monkeypatch.setattr(form, "SLOWEST", 10_000_000)
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(SIGN_IN + FORM + b"Host: x\r\nContent-Length: 100\r\n\r\nname=")
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 60)
    writer.close()


async def test_who_asks_a_thousand_times_whether_we_are_ready_has_the_store_write_once(
    house: House, url: str, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "EVERY", 3600.0)

    async def ready() -> int:
        async with client.get(f"{url}/readyz") as answer:
            return answer.status

    assert await ready() == 200
    written: list[object] = []
    call = house.server.tick.call

    def counted(*told: Any) -> Any:
        written.append(told[0])
        return call(*told)

    monkeypatch.setattr(house.server.tick, "call", counted)
    assert set(await asyncio.gather(*(ready() for _ in range(50)))) == {200}
    assert "SET" not in written


async def test_what_is_no_http_is_one_line_now_and_then(url: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    told = Malformed(lambda: clock[0])
    logger = logging.getLogger("aiohttp.server")
    logger.addFilter(told)
    try:
        for moment in (0.0, 1.0, 9.0, 10.0):
            clock[0] = moment
            assert (await asked(url, b"GET /admin/ HTTP/1.1\r\nX: \x00 +22370000001\r\n"))[0] == 400
    finally:
        logger.removeFilter(told)
    lines = [
        (line.levelno, line.getMessage(), line.exc_info)
        for line in caplog.records
        if line.name == logger.name
    ]
    assert lines == [(logging.WARNING, "malformed because='BadHttpMessage'", None)] * 2
