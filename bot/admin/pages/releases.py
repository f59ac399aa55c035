"""What was published, by whom and why; what each changed; and the way back."""

from collections.abc import Mapping

from aiohttp import web

from bot.admin.bench import back, edits, may_edit
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table, moment
from bot.admin.visit import Visit
from bot.admin.whole import whole
from bot.services.editing.differences import between
from bot.store.releases import Head, Published


def pages(_: Desk) -> list[Page]:
    return [
        Page("/releases", history, menu=64),
        Page("/releases/{number}", one),
        Page("/releases/{number}/back", roll_back, least="editor", method="POST"),
    ]


async def history(visit: Visit) -> web.Response:
    found = await visit.desk.editing.history()
    by = sorted({one.by for one in found})
    running = await visit.desk.running.by_release()
    return await listing(
        visit,
        "releases.html",
        _table(visit.desk.releases.current, running, visit.speech),
        found,
        [Choice("by", [(one, _who(one, visit.speech)) for one in by], lambda one, who: one.by == who)],
    )


def _who(by: str, speech: Speech) -> str:
    return speech.say("releases.files") if by == "files" else by


def _table(current: int, running: Mapping[int, int], speech: Speech) -> Table[Head]:
    def state(one: Head) -> str:
        return "current" if one.number == current else "former"

    return Table(
        "releases",
        [
            Column("number", lambda one: one.number, link=lambda one: f"/admin/releases/{one.number}"),
            moment("at", lambda one: one.at, speech),
            Column("by", lambda one: one.by, lambda one, speech: _who(one.by, speech)),
            Column("comment", lambda one: one.comment),
            Column("running", lambda one: running.get(one.number, 0)),
            Column(
                "state",
                state,
                lambda one, speech: speech.say(f"releases.{state(one)}"),
                tone=lambda one: "good" if state(one) == "current" else "quiet",
            ),
        ],
        searched=lambda one: f"{one.number} {one.by} {one.comment}",
        first="-number",
    )


async def one(visit: Visit) -> web.Response:
    release = await _found(visit)
    before = await visit.desk.releases.published(release.number - 1) if release.number > 1 else None
    return visit.show(
        "release.html",
        release=release,
        current=visit.desk.releases.current,
        running=(await visit.desk.running.by_release())[release.number],
        changes=between(before.source, release.source) if before else None,
        edits=may_edit(visit),
    )


@edits
async def roll_back(visit: Visit) -> web.StreamResponse:
    release = await _found(visit)
    comment = visit.form.get("comment") or visit.say("releases.back_comment", number=release.number)
    number = await visit.desk.editing.roll_back(release.number, visit.account.name, comment)
    await visit.note("flow.roll_back", str(release.number), before=str(number - 1), after=str(number))
    return back("/releases", "said.rolled_back")


async def _found(visit: Visit) -> Published:
    try:
        return await visit.desk.releases.published(whole(visit.named("number")) or 0)
    except KeyError as unknown:
        raise web.HTTPNotFound from unknown
