"""One step of a flow: its words in every language, its question, its answers and where each leads."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiohttp import web

from bot.admin.bench import back, bench, edits, flow_of, make, may_edit, phone, reviewer, texts
from bot.admin.desk import Desk, Page
from bot.admin.problems import told
from bot.admin.visit import Visit
from bot.flow.check_words import longest
from bot.flow.definition import Flow, Problem
from bot.flow.questions import load
from bot.flow.release import Release, Source
from bot.flow.script import BUDGET
from bot.services.editing import edits as editing
from bot.services.editing import steps
from bot.services.editing.answers import ELSE, exits
from bot.services.editing.cards import Card, cards
from bot.services.editing.edits import Rewritten
from bot.services.editing.words import Saying
from bot.text.fold import to_gsm
from bot.text.gsm import septets

if TYPE_CHECKING:
    from bot.services.editing.blocks import Setting

STEP = "/flows/{flow}/steps/{step}"


def pages(_: Desk) -> list[Page]:
    changes = {
        "": save,
        "/question": question,
        "/move": move,
        "/rename": rename,
        "/delete": delete,
        "/options": add_option,
        "/options/{option}/move": move_option,
        "/options/{option}/delete": delete_option,
    }
    return [
        Page(STEP, one),
        *(Page(f"{STEP}{path}", handler, least="editor", method="POST") for path, handler in changes.items()),
    ]


async def one(visit: Visit) -> web.Response:
    return await _shown(visit)


async def _shown(
    visit: Visit, status: int = 200, refused: tuple[Problem, ...] = (), **typed: str
) -> web.Response:
    """The form; `typed` is what was filled in and could not be kept."""
    found = await bench(visit)
    if found.release is None:
        return back(f"/flows/{visit.named('flow')}/text")
    flow = flow_of(visit, found.release)
    card = _card(visit, found.release, flow, found.made.problems)
    return visit.show(
        "step.html",
        status,
        bench=found,
        flow=flow,
        card=card,
        kinds=sorted(load()),
        own=_settings(card),
        leads=list(_leads(card)),
        steps=[name for name in flow.steps if ":" not in name],
        led_by=list(steps.leading_to(found.opened.draft.source.flows[flow.file], card.name)),
        sizes={language: _sizes(found.release, flow, language) for language in found.release.words.languages},
        limit=BUDGET.limit,
        edits=may_edit(visit),
        refused=told(visit.speech, refused),
        filled=typed,
        **await phone(visit, found.release, flow.name),
    )


def _card(visit: Visit, release: Release, flow: Flow, problems: tuple[Problem, ...]) -> Card:
    name = visit.named("step")
    for card in cards(release, flow, problems):
        if card.name == name:
            return card
    raise web.HTTPNotFound


def _settings(card: Card) -> list[tuple[str, str]]:
    """The settings of its question as one writes them, but for the options, which have a form of their own."""
    kinds = load()
    keys = kinds[card.what].keys if card.kind == "ask" else {}
    found = []
    for key in keys:
        value = card.settings.get(key, "")
        if isinstance(value, str):
            found.append((key, value))
    return found


def _leads(card: Card) -> Iterator[tuple[str, str]]:
    """Each answer with where it leads (empty: as all others), and `else`."""
    there = exits(card.settings)
    options = [name for name, _ in card.options] or (["yes", "no"] if card.what == "yesno" else [])
    for answer in dict.fromkeys([*options, *there]):
        if answer != ELSE:
            yield answer, there.get(answer, "")
    yield ELSE, there.get(ELSE, "")


def _sizes(release: Release, flow: Flow, language: str) -> dict[str, int]:
    """Septets that each placeholder may take."""
    return {name: septets(to_gsm(value)) for name, value in longest(release, flow, language).items()}


@edits
async def save(visit: Visit) -> web.StreamResponse:
    flow, step = visit.named("flow"), visit.named("step")
    form = _rewritten(visit)

    def change(source: Source) -> Source:
        return editing.rewrite(source, flow, step, form)

    too_long = await _too_long(visit, change((await visit.desk.editing.open()).draft.source))
    if too_long:
        typed = {name: value for name, value in visit.form.fields.items() if name.startswith("text.")}
        return await _shown(visit, 422, too_long, **typed)
    await make(visit, "flow.step", f"{flow}.{step}", change)
    return back(f"/flows/{flow}", "said.draft_saved", f"step-{step}")


async def _too_long(visit: Visit, source: Source) -> tuple[Problem, ...]:
    """A last screen that no network would carry is refused at once: it could never be published."""
    made = await visit.desk.editing.made(source)
    key = f"`{visit.named('flow')}.{visit.named('step')}` takes "
    return tuple(problem for problem in made.problems if problem.message.startswith(key))


def _rewritten(visit: Visit) -> Rewritten:
    fields = visit.form.fields
    holds, by = bool(fields.get("holds")), reviewer(visit)
    sayings = [Saying(key, said, by, holds) for key, said in texts(visit).items()]
    settings: dict[str, Setting] = {
        name[4:]: value.strip() for name, value in fields.items() if name.startswith("set.") and value.strip()
    }
    leads = {name[5:]: value for name, value in fields.items() if name.startswith("lead.")}
    if (answer := visit.form.get("new_answer")) and visit.form.get("new_lead"):
        leads[answer] = visit.form.get("new_lead")
    return Rewritten(settings, leads, sayings)


@edits
async def question(visit: Visit) -> web.StreamResponse:
    flow, step, kind = visit.named("flow"), visit.named("step"), visit.form.get("ask")
    if kind not in load():
        raise web.HTTPBadRequest
    await make(
        visit, "flow.step.question", f"{flow}.{step}", lambda source: editing.ask(source, flow, step, kind)
    )
    return back(f"/flows/{flow}/steps/{step}", "said.draft_saved")


@edits
async def move(visit: Visit) -> web.StreamResponse:
    flow, step, by = visit.named("flow"), visit.named("step"), _by(visit)
    await make(
        visit, "flow.step.move", f"{flow}.{step}", lambda source: editing.move_step(source, flow, step, by)
    )
    return back(f"/flows/{flow}", anchor=f"step-{step}")


@edits
async def rename(visit: Visit) -> web.StreamResponse:
    flow, step, new = visit.named("flow"), visit.named("step"), visit.form.get("name")
    await make(
        visit,
        "flow.step.rename",
        f"{flow}.{step}",
        lambda source: editing.rename_step(source, flow, step, new),
    )
    return back(f"/flows/{flow}/steps/{new}", "said.draft_saved")


@edits
async def delete(visit: Visit) -> web.StreamResponse:
    flow, step, instead = visit.named("flow"), visit.named("step"), visit.form.get("instead")
    await make(
        visit,
        "flow.step.delete",
        f"{flow}.{step}",
        lambda source: editing.delete_step(source, flow, step, instead),
    )
    return back(f"/flows/{flow}", "said.step_gone")


@edits
async def add_option(visit: Visit) -> web.StreamResponse:
    flow, step, form = visit.named("flow"), visit.named("step"), visit.form
    words = {language: text for language, text in texts(visit).get("", {}).items() if text.strip()}
    await make(
        visit,
        "flow.option.new",
        f"{flow}.{step}",
        lambda source: editing.add_option(source, flow, step, form.get("name"), form.get("to"), words),
    )
    return back(f"/flows/{flow}/steps/{step}", "said.draft_saved", "answers")


@edits
async def move_option(visit: Visit) -> web.StreamResponse:
    flow, step, option, by = visit.named("flow"), visit.named("step"), visit.named("option"), _by(visit)
    await make(
        visit,
        "flow.option.move",
        f"{flow}.{step}.{option}",
        lambda source: editing.move_option(source, flow, step, option, by),
    )
    return back(f"/flows/{flow}/steps/{step}", anchor="answers")


@edits
async def delete_option(visit: Visit) -> web.StreamResponse:
    flow, step, option = visit.named("flow"), visit.named("step"), visit.named("option")
    await make(
        visit,
        "flow.option.delete",
        f"{flow}.{step}.{option}",
        lambda source: editing.delete_option(source, flow, step, option),
    )
    return back(f"/flows/{flow}/steps/{step}", "said.draft_saved", "answers")


def _by(visit: Visit) -> int:
    return -1 if visit.form.get("by") == "up" else 1
