"""A step as it is being written, before it is saved: its whole screens counted, and the phone that plays it."""

from aiohttp import web

from bot.admin.bench import edits, flow_of, phone, reason
from bot.admin.desk import Desk, Page
from bot.admin.pages.steps import STEP, rewritten
from bot.admin.problems import told
from bot.admin.visit import Visit
from bot.flow.release import Release
from bot.services.editing import edits as editing
from bot.services.editing.cards import cards
from bot.services.editing.impossible import Impossible


def pages(_: Desk) -> list[Page]:
    return [Page(f"{STEP}/try", tried, least="editor", method="POST")]


@edits
async def tried(visit: Visit) -> web.StreamResponse:
    """Nothing is kept, so nothing is noted; what cannot be drawn says why, with the screens left as they were."""
    name, step, form = visit.named("flow"), visit.named("step"), rewritten(visit)
    source = (await visit.desk.editing.open()).draft.source
    try:
        made = await visit.desk.editing.tried(editing.rewrite(source, name, step, form))
    except Impossible as refused:
        return visit.show("step_trial.html", card=None, why=[reason(visit, refused)], screen=None)
    if made.release is None:
        why = [problem.message for problem in told(visit.speech, made.problems)]
        return visit.show("step_trial.html", card=None, why=why, screen=None)
    return await _shown(visit, made.release)


async def _shown(visit: Visit, release: Release) -> web.Response:
    flow = flow_of(visit, release)
    card = next((card for card in cards(release, flow, ()) if card.name == visit.named("step")), None)
    played = await phone(visit, release, flow.name, visit.named("step"))
    return visit.show("step_trial.html", card=card, why=[], flow=flow, **played)
