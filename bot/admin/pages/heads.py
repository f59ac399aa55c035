"""The head of a flow: its name and place in the menu, who may begin it, at which step, and by which words of SMS."""

from collections.abc import Iterator

from aiohttp import web

from bot.admin.bench import back, bench, edits, flow_of, make, reviewer, texts
from bot.admin.desk import Desk, Page
from bot.admin.visit import Visit
from bot.flow.definition import ROLES, Flow, Keyword
from bot.services.editing.heads import Head, with_head
from bot.services.editing.words import Saying

NEW = "new"
"""Stands for the name of a word that is added, in the names of its fields."""


def pages(_: Desk) -> list[Page]:
    return [Page("/flows/{flow}/head", save, least="editor", method="POST")]


@edits
async def save(visit: Visit) -> web.StreamResponse:
    found = await bench(visit)
    if found.release is None:
        return back(f"/flows/{visit.named('flow')}/text")
    flow = flow_of(visit, found.release)
    before, after = _as_it_is(flow), _as_filled_in(visit, flow)
    await make(visit, "flow.head", flow.name, lambda source: with_head(source, flow.name, before, after))
    return back(f"/flows/{flow.name}", "said.draft_saved")


def _as_it_is(flow: Flow) -> Head:
    return Head(flow.start, str(flow.menu or ""), sorted(flow.roles), flow.sms)


def _as_filled_in(visit: Visit, flow: Flow) -> Head:
    form = visit.form
    roles = [role for role in ROLES if role in form.all("role")]
    start = form.get("start")
    if start not in flow.steps:
        raise web.HTTPBadRequest
    keywords = list(_keywords(visit, flow))
    named = {f"keyword.{NEW}": f"keyword.{form.get(f'keyword.{NEW}')}"}
    kept = {f"{flow.name}.menu", *(f"keyword.{keyword.name}" for keyword in keywords)}
    sayings = [
        Saying(named.get(key, key), said, reviewer(visit))
        for key, said in texts(visit).items()
        if named.get(key, key) in kept and any(text.strip() for text in said.values())
    ]
    return Head(start, form.get("menu").lstrip("0"), roles, keywords, sayings)


def _keywords(visit: Visit, flow: Flow) -> Iterator[Keyword]:
    """Those that lead somewhere: one that is led nowhere goes."""
    form = visit.form
    for name in (*(keyword.name for keyword in flow.sms), NEW):
        own = form.get(f"keyword.{NEW}") if name == NEW else name
        to = form.get(f"keyword.{name}.to")
        if own and to:
            pairs = (part.partition(":") for part in form.get(f"keyword.{name}.answers").split(","))
            yield Keyword(
                own, to, 0, {key.strip(): value.strip() for key, _, value in pairs if value.strip()}
            )
