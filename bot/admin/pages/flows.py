"""The flows as conversations: their list, each as its script with a phone and a picture beside it, and as text."""

from typing import Any

from aiohttp import web

from bot.admin.bench import Bench, back, bench, edits, flow_of, make, may_edit, phone, readable, said
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit, there
from bot.flow.definition import ROLES, Flow
from bot.flow.questions import load
from bot.flow.release import Release, Source
from bot.services.editing import edits as editing
from bot.services.editing.cards import about, answers_of, cards, sayings
from bot.services.editing.differences import between
from bot.services.editing.edits import Asked, file_of, with_text
from bot.services.editing.folder import laid_in, unzipped, zipped
from bot.services.editing.impossible import Impossible
from bot.services.editing.picture import dot, svg

ZIP = 1024 * 1024
TEXT = 96 * 1024


def pages(_: Desk) -> list[Page]:
    return [
        Page("/flows", every, menu=60),
        Page("/flows", new, least="editor", method="POST"),
        Page("/flows.zip", take_out),
        Page("/flows.zip", take_in, least="editor", method="POST", limit=ZIP),
        Page("/flows/{flow}", script),
        Page("/flows/{flow}/phone", beside),
        Page("/flows/{flow}/picture", picture),
        Page("/flows/{flow}/text", text),
        Page("/flows/{flow}/text", rewrite, least="editor", method="POST", limit=TEXT),
        Page("/flows/{flow}/steps", add, least="editor", method="POST"),
        Page("/flows/{flow}/delete", delete, least="editor", method="POST"),
    ]


async def every(visit: Visit) -> web.Response:
    found = await bench(visit)
    flows = sorted(
        found.release.flows.values() if found.release else (),
        key=lambda flow: (not flow.menu, flow.menu, flow.name),
    )
    now = (await visit.desk.releases.need(visit.desk.releases.current)).source
    return await listing(
        visit,
        "flows.html",
        _table(found, now),
        flows,
        _choices(visit, now, found),
        bench=found,
        edits=may_edit(visit),
    )


def _title(release: Release | None, flow: Flow) -> str:
    """As the menu calls it, in French; else its name."""
    key = f"{flow.name}.menu"
    known = release is not None and flow.menu and release.words.get("fr", key)
    return release.words.say("fr", key) if release and known else flow.name


def _errors(found: Bench, flow: Flow) -> int:
    return sum(problem.level == "error" for problem in found.problems(flow.file))


def _changed(found: Bench, now: Source, flow: Flow) -> bool:
    return now.flows.get(flow.file) != found.opened.draft.source.flows[flow.file]


def _table(found: Bench, now: Source) -> Table[Flow]:
    def roles(flow: Flow, speech: Speech) -> str:
        return ", ".join(speech.or_itself("caller", role) for role in sorted(flow.roles))

    return Table(
        "flows",
        [
            Column(
                "title",
                lambda flow: _title(found.release, flow),
                link=lambda flow: f"/admin/flows/{flow.name}",
            ),
            Column("about", lambda flow: about(found.opened.draft.source.flows[flow.file])),
            Column("file", lambda flow: flow.name),
            Column("menu", lambda flow: flow.menu or ""),
            Column(
                "roles",
                lambda flow: " ".join(sorted(flow.roles)),
                lambda flow, speech: roles(flow, speech) or speech.say("flows.everybody"),
            ),
            Column("steps", lambda flow: sum(":" not in step for step in flow.steps)),
            Column(
                "errors",
                lambda flow: _errors(found, flow) or "",
                tone=lambda flow: "bad" if _errors(found, flow) else "",
            ),
            Column(
                "state",
                lambda flow: "changed" if _changed(found, now, flow) else "same",
                lambda flow, speech: speech.say("flows.changed") if _changed(found, now, flow) else "",
                tone=lambda flow: "warn" if _changed(found, now, flow) else "",
            ),
        ],
        searched=lambda flow: f"{_title(found.release, flow)} {flow.name}",
    )


def _choices(visit: Visit, now: Source, found: Bench) -> list[Choice[Flow]]:
    roles = [(role, visit.speech.or_itself("caller", role)) for role in ROLES]
    states = [(state, visit.say(f"flows.{state}")) for state in ("errors", "changed")]

    def stands(flow: Flow, state: str) -> bool:
        return _changed(found, now, flow) if state == "changed" else _errors(found, flow) > 0

    return [
        Choice("roles", roles, lambda flow, role: not flow.roles or role in flow.roles),
        Choice("state", states, stands),
    ]


@edits
async def new(visit: Visit) -> web.StreamResponse:
    name, menu, words = visit.form.get("name"), visit.form.get("menu"), said(visit)
    await make(visit, "flow.new", name, lambda source: editing.new_flow(source, name, menu, words))
    return back(f"/flows/{name}", "said.flow_new")


async def take_out(visit: Visit) -> web.Response:
    """The draft's files, as they go into a repository."""
    opened = await visit.desk.editing.open()
    await visit.note("export", "flows.zip", after=f"v{opened.version}")
    name = f"kunnafoni-{visit.speech.stamp(visit.now)}.zip"
    return web.Response(
        body=zipped(opened.draft.source),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@edits
async def take_in(visit: Visit) -> web.StreamResponse:
    """What it changes is told, as of a translation, and what it holds that is none of our files."""
    found = unzipped(visit.form.files.get("file", b""))
    for language, po in found.words.items():
        readable(visit, language, po)
    before = (await visit.desk.editing.open()).draft.source
    opened = await make(visit, "flow.import", "zip", lambda source: laid_in(source, found))
    changes = between(before, opened.draft.source)
    return visit.show("imported.html", changes=changes, left_out=found.left_out)


async def script(visit: Visit) -> web.Response:
    found = await bench(visit)
    if found.release is None:
        return await _unreadable(visit, found)
    flow = flow_of(visit, found.release)
    return visit.show(
        "flow.html",
        bench=found,
        flow=flow,
        about=about(found.opened.draft.source.flows[flow.file]),
        cards=cards(found.release, flow, found.made.problems),
        kinds=sorted(load()),
        passes=sorted(editing.PASSES),
        **_head(found.release, flow),
        edits=may_edit(visit),
        problems=[one for one in found.problems(flow.file) if one.line <= flow.line],
        **await phone(visit, found.release, flow.name),
    )


def _head(release: Release, flow: Flow) -> dict[str, Any]:
    """What the form of the flow's head shows."""
    return {
        "roles": ROLES,
        "title": sayings(release, f"{flow.name}.menu"),
        "starts": [(name, name) for name in flow.steps if ":" not in name],
        "keywords": [(keyword, sayings(release, f"keyword.{keyword.name}")) for keyword in flow.sms],
    }


async def beside(visit: Visit) -> web.Response:
    """The phone alone, for the script that keeps it beside the page."""
    release = there((await bench(visit)).release)
    flow = flow_of(visit, release)
    return visit.show("flow_phone.html", flow=flow, **await phone(visit, release, flow.name))


async def picture(visit: Visit) -> web.Response:
    found = await bench(visit)
    release = there(found.release)
    flow = flow_of(visit, release)
    labels = answers_of(release, flow)

    def named(step: str, answer: str) -> str:
        return labels.get((step, answer)) or visit.speech.or_itself("picture.answer", answer)

    return visit.show("flow_picture.html", bench=found, flow=flow, drawn=await svg(dot(flow, named)))


async def text(visit: Visit) -> web.Response:
    return _text(visit, await bench(visit))


def _text(visit: Visit, found: Bench) -> web.Response:
    try:
        file = file_of(found.opened.draft.source, visit.named("flow"))
    except Impossible as unknown:
        raise web.HTTPNotFound from unknown
    written = found.opened.draft.source.flows[file]
    return visit.show(
        "flow_text.html",
        bench=found,
        name=visit.named("flow"),
        file=file,
        written=written,
        problems=found.problems(file),
        marked={problem.line for problem in found.problems(file)},
        edits=may_edit(visit),
    )


async def _unreadable(visit: Visit, found: Bench) -> web.Response:
    """A draft that cannot be drawn: its text, with what is wrong on which line."""
    try:
        return _text(visit, found)
    except web.HTTPNotFound:
        return visit.show("flow_unreadable.html", problems=found.made.problems)


@edits
async def rewrite(visit: Visit) -> web.StreamResponse:
    name = visit.named("flow")
    written = visit.form.fields.get("text", "").replace("\r\n", "\n").rstrip() + "\n"
    await make(visit, "flow.text", name, lambda source: with_text(source, name, written))
    return back(f"/flows/{name}/text", "said.draft_saved")


@edits
async def add(visit: Visit) -> web.StreamResponse:
    name, form = visit.named("flow"), visit.form
    asked = Asked(form.get("kind"), form.get("name"), form.get("after"), form.get("to"), said(visit))
    if asked.kind not in {*load(), *editing.PASSES, editing.END}:
        raise web.HTTPBadRequest
    await make(visit, "flow.step.new", name, lambda source: editing.add_step(source, name, asked))
    return back(f"/flows/{name}", "said.step_new")


@edits
async def delete(visit: Visit) -> web.StreamResponse:
    name = visit.named("flow")
    await make(visit, "flow.delete", name, lambda source: editing.delete_flow(source, name))
    return back("/flows", "said.flow_gone")
