"""A draft on a phone before it is published: what was typed so far → the screen, with nothing kept anywhere."""

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from bot.config import Settings
from bot.flow import engine
from bot.flow.release import Release
from bot.flow.run import Run
from bot.services.editing.line import PureLine
from bot.services.editing.reaching import screens_of, way_to
from bot.services.editing.somebody import on_the_line, somebodies
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
    who: str = "plain"
    """Who is calling, as `phone.who.<who>` says."""
    way: tuple[str, ...] | None = ()
    """What was answered for her to come to the step where the call begins; None where nothing leads to it."""


class Call(Struct):
    """A call before its editor types anything."""

    who: str
    line: PureLine
    run: Run
    way: tuple[str, ...] | None = ()


async def preview(
    settings: Settings, release: Release, flow: str, language: str, typed: Sequence[str], at: str = ""
) -> Screen:
    """A caller who may open that flow types these, from its beginning or from the step `at` on."""
    call = await _begun(settings, release, flow, language, at)
    line = call.line
    line.run = call.run
    kept: list[str] = []
    for text in [*(call.way or ()), *typed[:MOST]]:
        kept += (await line.type(text)).kept
    text, budget = engine.page(line.run), Budget()
    return Screen(
        text,
        engine.over(line.run),
        budget.size(text),
        budget.limit,
        f"{line.run.flow}.{line.run.state}",
        tuple(kept),
        call.who,
        call.way,
    )


async def _begun(settings: Settings, release: Release, flow: str, language: str, at: str) -> Call:
    """By the plainest caller who comes to that step; without one, by whom the flow asks anything."""
    calls = []
    for one in somebodies(release.flows[flow]):
        line = await on_the_line(settings, release, one, language)
        calls.append(Call(one.name, line, engine.begin(release, line.run.caller, line.medium, flow)))
    if at in release.flows[flow].steps:
        goals = screens_of(release.flows[flow], at)
        for call in calls:
            call.way = await asyncio.to_thread(way_to, call.run, goals)
            if call.way is not None:
                return call
    first = next((call for call in calls if not engine.over(call.run)), calls[0])
    first.way = None if at else ()
    return first
