"""Signing in and out, and what each person may change of her own account."""

from aiohttp import web

from bot.admin.desk import Desk, Page
from bot.admin.door import SIGNED, address_of, set_cookie
from bot.admin.said import LANGUAGES
from bot.admin.visit import HOME, Visit
from bot.limits import Pace, party, spared
from bot.services.accounts import Denied

TRIES = 1.0
"""Passwords a second that one address may try, whatever the names; a minute's worth is saved up."""


def pages(_: Desk) -> list[Page]:
    pace = Pace(TRIES)

    async def signed_in(visit: Visit) -> web.Response:
        address = address_of(visit.request)
        if not spared(address) and not pace.takes(party(address)):
            return _asked(visit, "", visit.say("signin.too_many"), 429)
        return await let_in(visit, address)

    return [
        Page("/sign-in", sign_in, public=True),
        Page("/sign-in", signed_in, method="POST", public=True),
        Page("/sign-out", sign_out, method="POST", settles=True),
        Page("/me", me, settles=True),
        Page("/me/password", password, method="POST", settles=True),
        Page("/me/language", language, method="POST", settles=True),
        Page("/me/sign-ins", end_others, method="POST", settles=True),
    ]


async def sign_in(visit: Visit) -> web.Response:
    if visit.signed:
        return visit.go("/")
    visit.desk.book.warm()
    visit.desk.figures.warm()
    return _asked(visit, "", "")


def _asked(visit: Visit, name: str, problem: str, status: int = 200) -> web.Response:
    return visit.show("signin.html", status, name=name, problem=problem, next=visit.query.get("next", ""))


async def let_in(visit: Visit, address: str) -> web.Response:
    """A name and a password; the page asked for first is where she goes."""
    request, name = visit.request, visit.form.get("name")
    browser = request.headers.get("User-Agent", "").encode(errors="replace").decode()
    try:
        opened = await visit.desk.keeper.sign_in(
            name, visit.form.fields.get("password", ""), address, browser
        )
    except Denied as denied:
        return _asked(visit, name, visit.say(denied.key), 429 if denied.key == "signin.too_many" else 403)
    wanted = visit.query.get("next", "")
    response = visit.go(wanted.removeprefix("/admin") if _is_page(wanted) else "/")
    set_cookie(response, request, SIGNED, opened.token)
    return response


def _is_page(path: str) -> bool:
    """One of ours, whatever somebody wrote into the link."""
    return path.startswith(HOME) and "//" not in path.partition("?")[0] and "\\" not in path


async def sign_out(visit: Visit) -> web.Response:
    await visit.desk.keeper.sign_out(visit.account, visit.token)
    response = visit.go("/sign-in", "said.signed_out")
    response.del_cookie(SIGNED, path="/admin")
    return response


async def me(visit: Visit) -> web.Response:
    return await _me(visit, "")


async def _me(visit: Visit, problem: str, status: int = 200) -> web.Response:
    keeper = visit.desk.keeper
    browsers = await keeper.accounts.sign_ins(visit.account.name, visit.now)
    here = keeper.digest(visit.token)
    return visit.show("me.html", status, problem=problem, browsers=browsers, here=here, languages=LANGUAGES)


async def password(visit: Visit) -> web.Response:
    """The old one first: an unlocked screen is not enough to take an account over."""
    old, new, again = (visit.form.fields.get(name, "") for name in ("old", "new", "again"))
    try:
        await visit.desk.keeper.replace_password(visit.account, old, new, again, visit.token)
    except Denied as denied:
        return await _me(visit, visit.say(denied.key), 400)
    return visit.go("/me", "said.password")


async def language(visit: Visit) -> web.Response:
    if (chosen := visit.form.get("language")) not in LANGUAGES:
        raise web.HTTPBadRequest
    await visit.desk.keeper.change(visit.account, visit.account.name, language=chosen)
    return visit.go("/me", "said.saved")


async def end_others(visit: Visit) -> web.Response:
    await visit.note("signout.others", visit.account.name)
    accounts, here = visit.desk.keeper.accounts, visit.desk.keeper.digest(visit.token)
    await accounts.sign_out_everywhere(visit.account.name, visit.now, here)
    return visit.go("/me", "said.ended")
