"""The draft before it is published: what is wrong, what changes, how it is heard, what it costs; then out with it."""

from aiohttp import web
from msgspec.structs import replace

from bot.admin.bench import back, edits, may_edit, reason, seen
from bot.admin.desk import Desk, Page
from bot.admin.problems import told
from bot.admin.visit import Visit
from bot.services.editing.desk import Unready
from bot.services.editing.impossible import Impossible


def pages(_: Desk) -> list[Page]:
    return [
        Page("/draft", checks, menu=62),
        Page("/draft/publish", publish, least="editor", method="POST"),
        Page("/draft/ask", ask, least="editor", method="POST"),
        Page("/draft/undo", undo, least="editor", method="POST"),
        Page("/draft/discard", discard, least="editor", method="POST"),
        Page("/draft/catch-up", catch_up, least="editor", method="POST"),
    ]


async def checks(visit: Visit) -> web.Response:
    return await _checks(visit)


async def _checks(
    visit: Visit, status: int = 200, problem: str = "", both: tuple[str, ...] = ()
) -> web.Response:
    opened = await visit.desk.editing.open()
    if not opened.begun:
        return visit.show(
            "draft.html", status, opened=opened, current=visit.desk.releases.current, problem=problem
        )
    found = await visit.desk.editing.look_over(opened)
    return visit.show(
        "draft.html",
        status,
        opened=opened,
        found=replace(found, problems=tuple(told(visit.speech, found.problems))),
        current=visit.desk.releases.current,
        running=sum((await visit.desk.running.by_release()).values()),
        edits=may_edit(visit),
        asks=visit.desk.editing.two_people and visit.account.name in opened.draft.editors,
        problem=problem,
        comment=visit.form.get("comment") or opened.draft.asked,
        both=both,
    )


@edits
async def publish(visit: Visit) -> web.StreamResponse:
    comment, version = visit.form.get("comment"), seen(visit)
    try:
        number = await visit.desk.editing.publish(version, visit.account.name, comment)
    except Unready:
        return await _checks(visit, 422, visit.say("draft.unready"))
    except Impossible as refused:
        return await _checks(visit, 422, reason(visit, refused))
    await visit.note("flow.publish", str(number), before=str(number - 1), after=comment)
    return back("/releases", "said.published")


@edits
async def ask(visit: Visit) -> web.StreamResponse:
    """Where two people publish: who wrote the draft says that it is ready."""
    comment, version = visit.form.get("comment"), seen(visit)
    await visit.note("flow.ask", f"v{version}", after=comment)
    await visit.desk.editing.ask(version, visit.account.name, comment)
    return back("/draft", "said.asked")


@edits
async def undo(visit: Visit) -> web.StreamResponse:
    version = seen(visit)
    await visit.desk.editing.undo(version, visit.account.name)
    await visit.note("flow.undo", f"v{version}")
    return back(visit.form.get("back") or "/draft", "said.undone")


@edits
async def discard(visit: Visit) -> web.StreamResponse:
    version = seen(visit)
    await visit.note("flow.discard", f"v{version}")
    await visit.desk.editing.discard(version)
    return back("/flows", "said.discarded")


@edits
async def catch_up(visit: Visit) -> web.StreamResponse:
    version = seen(visit)
    _, both = await visit.desk.editing.catch_up(version, visit.account.name)
    await visit.note("flow.catch_up", f"v{version}", after=", ".join(both))
    return await _checks(visit, both=both) if both else back("/draft", "said.caught_up")
