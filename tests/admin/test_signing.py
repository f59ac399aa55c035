"""Signing in: who is let in, for how long, and what a stranger may learn: nothing."""

from datetime import timedelta

import pytest
from msgspec import structs

from bot.accounts import Account, Note
from bot.house import House
from bot.services.accounts import TRIES_HERE, Denied
from bot.store.keys import SIGN_IN
from tests.admin.conftest import Comes
from tests.admin.visitor import PASSWORD, Visitor


async def deeds(house: House) -> list[Note]:
    return [note async for note in house.audit.newest()]


async def test_the_first_administrator_must_choose_her_own_password(house: House, stranger: Visitor) -> None:
    password = await house.keeper.first()
    assert password is not None
    assert await house.keeper.first() is None
    assert (await stranger.signs_in("admin", password)).path == "/admin/me"
    assert (await stranger.opens("/accounts")).path == "/admin/me"
    changed = await stranger.sends("/me/password", old=password, new=PASSWORD, again=PASSWORD)
    assert (changed.status, changed.path) == (200, "/admin/me")
    assert (await stranger.opens("/accounts")).path == "/admin/accounts"
    with pytest.raises(Denied):
        await house.keeper.sign_in("admin", password, "::1", "")


@pytest.mark.parametrize(("name", "password"), [("nobody", PASSWORD), ("awa", "wrong password"), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_are_told_the_same(
    house: House, stranger: Visitor, name: str, password: str
) -> None:
    await house.keeper.add("awa", "viewer", PASSWORD)
    answer = await stranger.signs_in(name, password)
    assert answer.status == 403
    assert "Nom ou mot de passe incorrect." in answer.text
    assert (await deeds(house))[0].what == "signin.refused"


async def test_after_some_tries_even_the_right_password_waits(house: House, stranger: Visitor) -> None:
    await house.keeper.add("awa", "viewer", PASSWORD)
    for _ in range(TRIES_HERE):
        assert (await stranger.signs_in("Awa", "wrong password")).status == 403
    assert (await stranger.signs_in("awa")).status == 429
    assert (await house.keeper.sign_in("awa", PASSWORD, "192.0.2.7", "")).account.name == "awa"


async def test_a_sign_in_ends_after_a_working_day(
    house: House, comes: Comes, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await comes("viewer")
    assert (await visitor.opens("/me")).path == "/admin/me"
    later = house.clock() + SIGN_IN // timedelta(milliseconds=1)
    monkeypatch.setattr(house.keeper, "_clock", lambda: later)
    assert (await visitor.opens("/me")).path == "/admin/sign-in"


async def test_signing_out_ends_it_for_every_copy_of_the_cookie(comes: Comes) -> None:
    visitor = await comes("viewer")
    (cookie,) = [one for one in visitor.client.cookie_jar if one.key == "kunnafoni"]
    assert (await visitor.sends("/sign-out")).path == "/admin/sign-in"
    answer = await visitor.opens("/", Cookie=f"kunnafoni={cookie.value}")
    assert answer.path == "/admin/sign-in"


async def test_an_administrator_ends_the_sign_ins_of_others(house: House, comes: Comes) -> None:
    viewer, admin = await comes("viewer"), await comes("admin")
    assert "viewer-0" in (await admin.opens("/accounts/viewer-0")).text
    assert (await admin.sends("/accounts/viewer-0/sign-ins")).status == 200
    assert (await viewer.opens("/")).path == "/admin/sign-in"
    assert [note.subject for note in await deeds(house) if note.what == "signout.all"] == ["viewer-0"]


async def test_who_is_shut_out_is_out_at_once(comes: Comes) -> None:
    viewer, admin = await comes("viewer"), await comes("admin")
    await admin.opens("/accounts/viewer-0")
    await admin.sends("/accounts/viewer-0", role="viewer", area="")
    assert (await viewer.opens("/")).path == "/admin/sign-in"
    assert (await viewer.signs_in("viewer-0")).status == 403


async def test_nobody_takes_her_own_rank_away(house: House, comes: Comes) -> None:
    admin = await comes("admin")
    await admin.opens("/accounts/admin-0")
    answer = await admin.sends("/accounts/admin-0", role="viewer", area="", active="1")
    assert "vos propres droits" in answer.text
    account = await house.keeper.accounts.get("admin-0")
    assert account is not None
    assert account.role == "admin"


async def test_a_new_account_has_a_password_that_is_shown_once(house: House, comes: Comes) -> None:
    admin = await comes("admin")
    await admin.opens("/accounts")
    made = await admin.sends("/accounts", name="Awa Traoré", role="editor", area="ML/SEG/BLA")
    password = made.text.partition("<code>")[2].partition("</code>")[0]
    opened = await house.keeper.sign_in("awa traoré", password, "::1", "")
    assert structs.replace(opened.account, secret="", made=0) == Account(
        "Awa Traoré", "editor", "ML/SEG/BLA", one_time=True
    )
    assert "Awa Traoré" in (await admin.opens("/accounts?q=traore")).text
    assert "déjà pris" in (await admin.sends("/accounts", name="AWA TRAORÉ", role="editor", area="")).text
    assert (await admin.sends("/accounts", name="x", role="king", area="")).status == 400
    assert (await admin.sends("/accounts", name="x", role="editor", area="NO")).status == 400


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong password", "another phrase", "another phrase", "actuel est incorrect"),
        (PASSWORD, "another phrase", "an other phrase", "sont différents"),
        (PASSWORD, "short", "short", "au moins 10"),
    ],
)
async def test_a_password_is_not_replaced_by_mistake(
    comes: Comes, old: str, new: str, again: str, said: str
) -> None:
    visitor = await comes("viewer")
    await visitor.opens("/me")
    answer = await visitor.sends("/me/password", old=old, new=new, again=again)
    assert (answer.status, said in answer.text) == (400, True)


async def test_her_language_is_hers(comes: Comes) -> None:
    visitor = await comes("viewer")
    await visitor.opens("/me")
    assert "Open sign-ins" in (await visitor.sends("/me/language", language="en")).text
    assert (await visitor.sends("/me/language", language="xx")).status == 400


async def test_the_page_asked_for_is_where_she_goes_and_nowhere_else(
    comes: Comes, house: House, stranger: Visitor
) -> None:
    await house.keeper.add("awa", "viewer", PASSWORD)
    for wanted, there in (
        ("/admin/me?x=1", "/admin/me"),
        ("//evil.example", "/admin/"),
        ("/admin//evil.example", "/admin/"),
    ):
        await stranger.opens("/sign-in")
        answer = await stranger.sends(f"/sign-in?next={wanted}", name="awa", password=PASSWORD)
        assert answer.path == there
        await stranger.sends("/sign-out")


async def test_the_cookie_goes_over_tls_only_but_on_this_machine(
    url: str, house: House, stranger: Visitor
) -> None:
    here = await stranger.opens("/sign-in")
    assert "Secure" not in here.headers["Set-Cookie"]
    stranger.client.cookie_jar.clear()
    there = await stranger.opens("/sign-in", Host="console.example")
    assert all(word in there.headers["Set-Cookie"] for word in ("Secure", "HttpOnly", "SameSite=Lax"))
