"""What the page's own addresses refuse, and to whom: a phone without accounts is for its own machine."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, UnixConnector, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from msgspec import structs

from bot.admin import phone
from bot.app import open_house
from bot.config import Settings
from bot.house import House as WholeHouse
from bot.messages import Inbound, Reply
from bot.office import desk_of
from tests.channels.house import House

Browser = TestClient[web.Request, web.Application]
PAGE = "/admin/phone"
CALL = {"session": "s1", "msisdn": "+22370000001", "text": ""}
SMS = {"id": "m1", "msisdn": "+22370000001", "text": "AIDE"}


@pytest.fixture
async def whole(settings: Settings, tmp_path: Path) -> AsyncIterator[WholeHouse]:
    """A house with an empty store."""
    store = msgspec.structs.replace(settings.store, data=str(tmp_path / "data"))
    async with open_house(msgspec.structs.replace(settings, store=store)) as house:
        yield house


@pytest.fixture
def heard() -> House:
    """What the phone calls: it writes down what it is told."""
    return House()


@web.middleware
async def from_elsewhere(request: web.Request, handler: Any) -> web.StreamResponse:
    """Whoever says so in a header of this test comes from there."""
    elsewhere = request.headers.get("Comes-From")
    response: web.StreamResponse = await handler(request.clone(remote=elsewhere) if elsewhere else request)
    return response


@pytest.fixture
def app(whole: WholeHouse, heard: House) -> web.Application:
    app = web.Application(client_max_size=16 * 1024, middlewares=[from_elsewhere])
    console = web.Application()
    console.add_routes(phone.routes(structs.replace(desk_of(whole, simulator=True), gateway=heard)))
    app.add_subapp("/admin", console)
    return app


@pytest.fixture
async def browser(app: web.Application) -> AsyncIterator[Browser]:
    async with TestClient(TestServer(app)) as client:
        yield client


ASKED = [
    ("GET", PAGE, None),
    ("GET", f"{PAGE}/static/phone.js", None),
    ("GET", f"{PAGE}/inbox?msisdn=%2B22370000001", None),
    ("POST", f"{PAGE}/ussd", CALL),
    ("POST", f"{PAGE}/sms", SMS),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "phone.example"),
        ("Host", "127.0.0.1.phone.example:8080"),
        ("Host", "localhost@phone.example"),
        ("Host", ""),
        ("Comes-From", "203.0.113.9"),
        ("Comes-From", "2001:db8::9"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("Forwarded", "for=127.0.0.1"),
    ],
)
async def test_nobody_else_may_hold_it(browser: Browser, heard: House, name: str, value: str) -> None:
    for method, path, said in ASKED:
        async with browser.request(method, path, json=said, headers={name: value}) as answer:
            assert (answer.status, await answer.text()) == (403, "")
    assert heard.told == []


@pytest.mark.parametrize("host", ["localhost:8080", "LOCALHOST", "127.0.0.1", "[::1]:18080"])
async def test_this_machine_has_three_names(browser: Browser, host: str) -> None:
    async with browser.get(PAGE, headers={"Host": host}) as answer:
        assert answer.status == 200


async def test_a_peer_without_an_address_is_refused(app: web.Application, tmp_path: Path) -> None:
    runner = web.AppRunner(app)
    await runner.setup()
    socket = str(tmp_path / "s")
    try:
        await web.UnixSite(runner, socket).start()
        async with (
            ClientSession(connector=UnixConnector(socket)) as client,
            client.get(f"http://localhost{PAGE}") as answer,
        ):
            assert answer.status == 403
    finally:
        await runner.cleanup()


async def test_what_it_is_given_may_run_only_what_is_ours(browser: Browser) -> None:
    for method, path, said in ASKED:
        async with browser.request(method, path, json=said) as answer:
            assert answer.status == 200
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
            )
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["phone.html", "..%2fphone.py", "", "phone.css%00"])
async def test_no_other_file_is_served(browser: Browser, name: str) -> None:
    async with browser.get(f"{PAGE}/static/{name}") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("ussd", b"", "body"),
        ("ussd", b"[]", "body"),
        ("ussd", b"\xff", "body"),
        ("ussd", b'{"msisdn": "+22370000001", "text": ""}', "session"),
        ("ussd", b'{"session": "a b", "msisdn": "+22370000001", "text": ""}', "session"),
        ("ussd", b'{"session": "a", "msisdn": 22370000001, "text": ""}', "msisdn"),
        ("ussd", b'{"session": "a", "msisdn": "12", "text": ""}', "msisdn"),
        ("ussd", b'{"session": "a", "msisdn": "+22370000001", "text": "1\\u001f2"}', "text"),
        ("ussd", b'{"session": "a", "msisdn": "+22370000001", "text": "1", "to": "2"}', "to"),
        ("sms", b'{"msisdn": "+22370000001", "text": "AIDE"}', "id"),
        ("sms", b'{"id": "", "msisdn": "+22370000001", "text": "AIDE"}', "id"),
        ("sms", b'{"id": "a", "msisdn": "", "text": "AIDE"}', "msisdn"),
        ("sms", b'{"id": "a", "msisdn": "+22370000001", "text": null}', "text"),
    ],
)
async def test_a_refusal_names_the_field(
    browser: Browser, heard: House, path: str, body: bytes, field: str
) -> None:
    headers = {"Content-Type": "application/json"}
    async with browser.post(f"{PAGE}/{path}", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert field in await answer.text()
    assert heard.told == []


@pytest.mark.parametrize("query", ["", "?msisdn=", "?msisdn=%2B223", "?msisdn=+22370000001x"])
async def test_an_inbox_is_somebodys(browser: Browser, query: str) -> None:
    async with browser.get(f"{PAGE}/inbox{query}") as answer:
        assert answer.status == 400
        assert (await answer.text()).startswith("msisdn: ")


async def test_a_page_from_elsewhere_cannot_post(browser: Browser, heard: House) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body, headers = msgspec.json.encode(CALL), {"Content-Type": kind}
        async with browser.post(f"{PAGE}/ussd", data=body, headers=headers) as answer:
            assert (answer.status, await answer.text()) == (400, "Content-Type: not application/json")
    assert heard.told == []


async def test_more_than_a_phone_says_is_refused(browser: Browser) -> None:
    async with browser.post(f"{PAGE}/sms", json={**SMS, "text": "1" * 20_000}) as answer:
        assert answer.status == 413


async def test_an_sms_that_cannot_be_kept_is_to_be_sent_again(browser: Browser, heard: House) -> None:
    heard.down = True
    async with browser.post(f"{PAGE}/sms", json=SMS) as answer:
        assert answer.status == 503


async def test_an_sms_is_told_as_it_was_written(browser: Browser, heard: House) -> None:
    long = "stock " * 30
    async with browser.post(f"{PAGE}/sms", json={**SMS, "msisdn": "70 00 00 01", "text": long}) as answer:
        assert await answer.json() == {"segments": 2}
    assert heard.told == [Inbound("simulator", "sms", "m1", "+22370000001", long)]


@pytest.mark.parametrize(
    ("text", "size", "limit"),
    [("Choisissez {1}", 16, 156), ("Sɛbɛn", 5, 76)],
)
async def test_a_screen_is_counted_as_the_network_does(
    browser: Browser, heard: House, text: str, size: int, limit: int
) -> None:
    heard.reply = Reply(text, ends=True)
    async with browser.post(f"{PAGE}/ussd", json=CALL) as answer:
        shown = await answer.json()
    assert shown == {"text": text, "ends": True, "septets": size, "limit": limit, "ucs2": limit == 76}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*CALL, *SMS]) | st.text(), inner),
)
CALLS = st.fixed_dictionaries(
    {
        "session": st.text(min_size=1),
        "msisdn": st.sampled_from(["+22370000001", "76 12 34 56"]) | st.text(),
        "text": st.text(st.characters()),
    }
)


@given(said=(CALLS | JSON).map(msgspec.json.encode) | st.binary(), path=st.sampled_from(["ussd", "sms"]))
@tried(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nothing_breaks_it(browser: Browser, said: bytes, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with browser.post(f"{PAGE}/{path}", data=said, headers=headers) as answer:
        assert answer.status in (200, 400)
