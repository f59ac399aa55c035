"""Who may call back, and with what body: everything gets an answer, and only the provider is heard."""

import gzip
import logging
from pathlib import Path

import pytest
from aiohttp import ClientSession, UnixConnector, web

from bot.channels.africastalking import Settings, callbacks, create
from bot.messages import Inbound
from tests.channels.forms import FORMS, NUMBER, TOLD
from tests.channels.house import KEY, House, Provider, post, say, say_raw, served


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "key", ["", "wrong", KEY + "x", KEY[:-1], KEY.upper(), f"an-older-one, {KEY}", "clé"]
)
async def test_without_the_key_nothing_is_said(path: str, key: str, provider: Provider, house: House) -> None:
    assert await say(provider, path, FORMS[path], key) == (403, "")
    assert house.told == []


@pytest.mark.parametrize(
    "query", [b"", b"?", b"?key", b"?key=%ff%00", b"?key=%ED%A0%80", b"?Key=" + KEY.encode()]
)
async def test_a_key_may_be_missing_or_not_even_text(query: bytes, provider: Provider, house: House) -> None:
    request = post("ussd", b"sessionId=1").replace(b"?key=" + KEY.encode(), query)
    assert await say_raw(provider, request) == (403, b"")
    assert house.told == []


async def test_a_key_that_is_being_replaced_still_opens(provider: Provider, house: House) -> None:
    assert (await say(provider, "sms", FORMS["sms"], "an-older-one"))[0] == 200
    assert house.told == [TOLD["sms"]]


async def test_the_key_is_looked_at_before_the_body_comes(provider: Provider) -> None:
    request = post("sms", b"", "Content-Length: 9999999", key=b"wrong", length=False)
    assert await say_raw(provider, request) == (403, b"")


@pytest.mark.parametrize(("networks", "status"), [(("127.0.0.0/8",), 200), (("10.0.0.0/8", "::1"), 403)])
async def test_callbacks_come_from_where_they_may(
    networks: tuple[str, ...], status: int, house: House
) -> None:
    async with served(house, Settings(callback_key=KEY, addresses=networks)) as provider:
        assert (await say(provider, "sms", FORMS["sms"]))[0] == status


async def test_a_unix_socket_has_no_address_to_expect(tmp_path: Path, house: House) -> None:
    app = web.Application()
    app.add_routes(create(Settings(callback_key=KEY, addresses=("127.0.0.0/8",))).routes(house))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, tmp_path / "s").start()
    url = f"http://house/africastalking/sms?key={KEY}"
    socket = UnixConnector(str(tmp_path / "s"))
    async with ClientSession(connector=socket) as client, client.post(url, data=FORMS["sms"]) as response:
        assert response.status == 403
    await runner.cleanup()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", FORMS)
async def test_only_post_is_understood(method: str, path: str, provider: Provider) -> None:
    async with provider.request(method, f"/africastalking/{path}?key={KEY}") as response:
        assert response.status == 405


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ";;"]
)
async def test_a_body_that_is_not_a_form_is_refused(content_type: str, provider: Provider) -> None:
    headers = {"Content-Type": content_type}
    url = f"/africastalking/sms?key={KEY}"
    async with provider.post(url, data=b"--x\r\n\r\n--x--", headers=headers) as response:
        assert response.status == 400
        assert (await response.text()).startswith("Content-Type: ")


SMS = b"from=%2B22376123456&to=36000&id=b8f1&date=d&text="
CHUNKED = "Transfer-Encoding: chunked"


def in_chunks(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post("sms", SMS + b"1"), 200),
        (post("sms", SMS + "é".encode()), 200),
        (post("sms", in_chunks(SMS), CHUNKED, length=False), 200),
        (post("sms", gzip.compress(SMS), "Content-Encoding: gzip"), 200),
        (post("sms", SMS + b"x" * (16384 - len(SMS))), 200),
        (post("sms", SMS + b"x" * (16385 - len(SMS))), 413),
        (post("sms", in_chunks(SMS + b"x" * 17000), CHUNKED, length=False), 413),
        (post("sms", in_chunks(SMS + b"x" * 3_000_000), CHUNKED, length=False), 413),
        (post("sms", gzip.compress(SMS + b"x" * 50_000), "Content-Encoding: gzip"), 413),
        (post("sms", gzip.compress(SMS + b"x" * 50_000_000), "Content-Encoding: gzip"), 413),
        (post("sms", b""), 400),
        (post("sms", b"&" * 16000), 400),
        (post("sms", SMS + b"\xff\xfe"), 400),
        (post("sms", b"\x1f\x8b nonsense", "Content-Encoding: gzip"), 400),
        (post("sms", b"zz\r\nnonsense", CHUNKED, length=False), 400),
        (post("sms", SMS).replace(b"urlencoded", b"urlencoded; charset=klingon"), 200),
    ],
)
async def test_bodies_of_every_kind_get_an_answer(
    request_: bytes, status: int, provider: Provider, house: House
) -> None:
    assert (await say_raw(provider, request_))[0] == status
    assert len(house.told) == (status == 200)


async def test_bytes_that_are_not_utf8_lose_a_letter_not_the_message(
    provider: Provider, house: House
) -> None:
    await say_raw(provider, post("sms", SMS + b"pr%E9sent"))
    assert house.told == [Inbound("africastalking", "sms", "b8f1", NUMBER, "pr�sent", "36000")]


async def test_a_body_that_never_ends_is_nobodys_fault(
    provider: Provider, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    request = post("sms", SMS, "Content-Length: 9999", length=False)
    with pytest.raises(EOFError):
        await say_raw(provider, request, then_leave=True)
    assert house.told == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_body_that_dribbles_is_not_waited_for(
    provider: Provider, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "_SLOWEST", 0.05)
    request = post("sms", SMS, "Content-Length: 9999", length=False)
    assert await say_raw(provider, request) == (408, b"")
    assert house.told == []


async def test_a_refusal_is_logged_without_what_was_said(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    await say(provider, "ussd", FORMS["ussd"] | {"phoneNumber": "22376123456"})
    (record,) = [record for record in caplog.records if record.name.startswith("bot.")]
    assert "path=/africastalking/ussd because='phoneNumber: not a number" in record.getMessage()
    assert "22376123456" not in record.getMessage().replace("+22376123456", "")
