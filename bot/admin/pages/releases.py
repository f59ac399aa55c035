"""What was published, by whom and why; what each changed; and the way back."""

from aiohttp import web

from bot.admin.bench import back, edits, may_edit
from bot.admin.desk import Desk, Page
from bot.admin.visit import Visit
from bot.admin.whole import whole
from bot.services.editing.differences import between
from bot.store.releases import Published

ON_A_PAGE = 20


def pages(_: Desk) -> list[Page]:
    return [
        Page("/releases", history, menu=24),
        Page("/releases/{number}", one),
        Page("/releases/{number}/back", roll_back, least="editor", method="POST"),
    ]


async def history(visit: Visit) -> web.Response:
    before = whole(visit.query.get("before", "")) or 0
    found = await visit.desk.editing.history(before, ON_A_PAGE)
    return visit.show(
        "releases.html",
        releases=found,
        current=visit.desk.releases.current,
        running=await visit.desk.running.by_release(),
        older=found[-1].number if found and found[-1].number > 1 else 0,
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
