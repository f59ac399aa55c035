"""The card of an ASC, one A6 page in every language of the programme: to look at, to print, to take along."""

from importlib.resources import files
from typing import Any

from aiohttp import web

from bot.admin.desk import Desk, Page
from bot.admin.visit import Visit
from bot.services.card import card

LOOKS = files("bot.admin").joinpath("static", "card.css")


def pages(_: Desk) -> list[Page]:
    return [Page("/card", shown, menu=68), Page("/card/file", taken_out)]


async def shown(visit: Visit) -> web.Response:
    return visit.show("card.html", **await _card(visit))


async def taken_out(visit: Visit) -> web.Response:
    """One file with its own style, that any browser opens and prints without a network."""
    await visit.note("export", "card", after=f"n{visit.desk.releases.current}")
    page = visit.show("card_file.html", looks=LOOKS.read_text("utf-8"), **await _card(visit))
    page.headers["Content-Disposition"] = 'attachment; filename="carte-asc.html"'
    return page


async def _card(visit: Visit) -> dict[str, Any]:
    release = await visit.desk.releases.need(visit.desk.releases.current)
    settings = visit.desk.programme.settings
    languages = sorted(release.words.languages, key=lambda code: code != "fr")[:2]
    return {
        "name": settings.programme.name,
        "code": settings.programme.service_code,
        "number": _number(visit),
        "halves": [card(release, settings, language) for language in languages],
    }


def _number(visit: Visit) -> str:
    """Where SMS go; empty while the operator has given none."""
    return visit.desk.programme.settings.sms.short_code
