"""A draft on a phone before it is published: what was typed so far → the screen, with nothing kept anywhere."""

from collections.abc import Sequence

from msgspec import Struct

from bot.config import Settings
from bot.flow import engine
from bot.flow.release import Release
from bot.services.editing.line import PureLine
from bot.services.editing.talk import Talk
from bot.text.screens import Budget

MOST = 60
"""Inputs of a call that are played."""


class Screen(Struct, frozen=True):
    """What the phone shows after the last input, and what would be kept and sent by then."""

    text: str
    ends: bool
    septets: int
    limit: int
    step: str
    """Where she is: `stock.quantity`."""
    kept: tuple[str, ...]


async def preview(
    settings: Settings, release: Release, flow: str, language: str, typed: Sequence[str]
) -> Screen:
    """A caller who may open that flow, at its beginning, types these."""
    roles = release.flows[flow].roles
    role = "asc" if not roles or "asc" in roles else min(roles)
    line = PureLine(settings, release, Talk("", {"lang": language, "as": role, "training": "x"}))
    await line.dial()
    line.run = engine.begin(release, line.run.caller, line.medium, flow)
    kept: list[str] = []
    for text in typed[:MOST]:
        kept += (await line.type(text)).kept
    text, budget = engine.page(line.run), Budget()
    place = f"{line.run.flow}.{line.run.state}"
    return Screen(text, engine.over(line.run), budget.size(text), budget.limit, place, tuple(kept))
