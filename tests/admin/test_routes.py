"""Every address × every role: who is not let in is not let in anywhere, and no form is taken without its proof."""

import re

import pytest
from aiohttp import ClientSession, web

from bot.accounts import RANKS, Account, Rank
from bot.admin import phone
from bot.admin.console import pages
from bot.admin.desk import Page
from bot.house import House
from bot.office import desk_of
from tests.admin.conftest import Comes
from tests.admin.visitor import Visitor
from tests.admin.walk import NAMED, everywhere, open_below_rank, open_to_strangers, serving

INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=")


def addresses(house: House) -> list[tuple[Page, str]]:
    found = pages(desk_of(house, simulator=False))
    return [(page, NAMED.sub("nowhere", page.path)) for page in found]


async def test_a_stranger_sees_the_sign_in_page_only(house: House, stranger: Visitor) -> None:
    for page, path in addresses(house):
        if page.public:
            continue
        answer = await (stranger.opens(path) if page.method == "GET" else stranger.sends(path))
        assert (answer.status, answer.path) == (200, "/admin/sign-in"), path
    assert (await stranger.opens("/phone")).path == "/admin/sign-in"
    assert (await stranger.opens("/nothing/at/all")).path == "/admin/sign-in"


@pytest.mark.parametrize("role", RANKS)
async def test_each_page_is_for_its_rank_and_above(house: House, comes: Comes, role: Rank) -> None:
    visitor = await comes(role)
    for page, path in addresses(house):
        if page.public or page.method == "POST":
            continue
        answer = await visitor.opens(path)
        below = RANKS.index(role) < RANKS.index(page.least)
        assert (answer.status == 403) == below, (path, answer.status)
        assert answer.status < 500, path
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        if "attachment" not in answer.headers.get(
            "Content-Disposition", ""
        ):  # a file is opened away from here
            assert not INLINE.search(answer.text), path
        assert len(answer.body) < 150_000
    assert ((await visitor.opens("/phone")).status == 403) == (role != "admin")


@pytest.mark.parametrize("role", RANKS)
async def test_nobody_gets_in_below_their_rank_or_without_the_proof(
    house: House, comes: Comes, role: Rank
) -> None:
    assert await open_below_rank(await comes(role), role, addresses(house)) == []


async def test_no_address_of_all_there_are_is_open_to_a_stranger(house: House, client: ClientSession) -> None:
    app = everywhere(house)
    async with serving(app) as url:
        assert await open_to_strangers(app, url, client) == []


async def everybody(_: web.Request) -> web.Response:
    return web.Response(text="+22370000001")


async def test_an_open_door_is_found(
    house: House, client: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted in the console, in the API and beside the callbacks: the walk above reports each of them."""
    own = phone.routes
    monkeypatch.setattr(phone, "routes", lambda desk: [*own(desk), web.get("/numbers", everybody)])
    app = everywhere(house)
    app.router.add_post("/africastalking/all", everybody)
    async with serving(app) as url:
        assert await open_to_strangers(app, url, client) == [
            "GET /admin/numbers: 200",
            "POST /africastalking/all: 200",
        ]


async def test_a_page_that_looks_at_nobodys_rank_is_found(
    house: House, comes: Comes, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await comes("viewer")
    monkeypatch.setattr(Account, "may", lambda *_: True)
    found = await open_below_rank(visitor, "viewer", addresses(house))
    assert "GET /accounts: 200 for viewer" in found


async def test_a_form_from_another_site_is_refused(comes: Comes) -> None:
    visitor = await comes("admin")
    await visitor.opens("/me")
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        told = {"csrf": visitor.proof, "language": "en"}
        async with visitor.client.post(
            f"{visitor.url}/admin/me/language", data=told, headers=headers
        ) as answer:
            assert answer.status == 403


async def test_what_is_no_form_is_refused_plainly(comes: Comes) -> None:
    visitor = await comes("admin")
    await visitor.opens("/me")
    for kind, body, status in (
        ("application/json", b"{}", 400),
        ("application/x-www-form-urlencoded", b"\xff\xfe", 400),
        ("application/x-www-form-urlencoded", b"a" * 100_000, 413),
        ("multipart/form-data", b"", 400),
        ("multipart/form-data; boundary=x", b"nonsense", 400),
    ):
        headers = {"Content-Type": kind}
        async with visitor.client.post(
            f"{visitor.url}/admin/me/language", data=body, headers=headers
        ) as answer:
            assert answer.status == status, (kind, body[:20])


async def test_files_are_kept_by_the_browser(stranger: Visitor) -> None:
    page = await stranger.opens("/sign-in")
    for address in re.findall(r'(?:href|src)="/admin(/static/[^"]+)"', page.text):
        answer = await stranger.opens(address)
        assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (200, True)
    assert (await stranger.opens("/static/nothing.css")).status == 404
