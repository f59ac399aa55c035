"""One step of a flow: its words in every language, its question, its answers and where each leads."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from aiohttp import web

from bot.admin.bench import (
    back,
    bench,
    edits,
    flow_of,
    make,
    may_edit,
    phone,
    reason,
    reviewer,
    said,
    texts,
    typed,
)
from bot.admin.desk import Desk, Page
from bot.admin.problems import told
from bot.admin.visit import Visit, there
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
from bot.services.editing.impossible import Impossible
from bot.services.editing.words import Saying
from bot.services.editing.words_of_step import read, words_of
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
    visit: Visit, status: int = 200, refused: tuple[Problem, ...] = (), why: str = ""
) -> web.Response:
    """The form, with what is filled in already when it could not be kept: it says why."""
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
        words_of_step=list(words_of(found.release, flow, card.kind, card.settings)),
        leads=list(_leads(card)),
        steps=[name for name in flow.steps if ":" not in name],
        led_by=list(steps.leading_to(found.opened.draft.source.flows[flow.file], card.name)),
        sizes={language: _sizes(found.release, flow, language) for language in found.release.words.languages},
        limit=BUDGET.limit,
        edits=may_edit(visit),
        refused=told(visit.speech, refused),
        why=why or (visit.say("step.too_long") if refused else ""),
        filled=typed(visit),
        **await phone(visit, found.release, flow.name, card.name),
    )


def _card(visit: Visit, release: Release, flow: Flow, problems: tuple[Problem, ...]) -> Card:
    name = visit.named("step")
    return there(next((card for card in cards(release, flow, problems) if card.name == name), None))


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
    form = rewritten(visit)

    def change(source: Source) -> Source:
        return editing.rewrite(source, flow, step, form)

    try:
        too_long = await _too_long(visit, change((await visit.desk.editing.open()).draft.source))
    except Impossible as refused:
        return await _shown(visit, 422, why=f"{reason(visit, refused)} {visit.say('step.not_kept')}")
    if too_long:
        return await _shown(visit, 422, too_long)
    await make(visit, "flow.step", f"{flow}.{step}", change)
    return back(f"/flows/{flow}", "said.draft_saved", f"step-{step}")


async def _too_long(visit: Visit, source: Source) -> tuple[Problem, ...]:
    """A last screen that no network would carry is refused at once: it could never be published."""
    made = await visit.desk.editing.made(source)
    key = f"`{visit.named('flow')}.{visit.named('step')}` takes "
    return tuple(problem for problem in made.problems if problem.message.startswith(key))


def rewritten(visit: Visit) -> Rewritten:
    """The step as its form was filled in."""
    fields = visit.form.fields
    holds, by = bool(fields.get("holds")), reviewer(visit)
    sayings = [Saying(key, said, by, holds) for key, said in texts(visit).items()]
    settings: dict[str, Setting] = {
        name[4:]: value.strip() for name, value in fields.items() if name.startswith("set.") and value.strip()
    }
    settings |= {
        name[5:]: read(name[5:], value) for name, value in fields.items() if name.startswith("word.")
    }
    leads = {name[5:]: value for name, value in fields.items() if name.startswith("lead.")}
    if (answer := visit.form.get("new_answer")) and visit.form.get("new_lead"):
        leads[answer] = visit.form.get("new_lead")
    return Rewritten(settings, leads, sayings)


async def _made(
    visit: Visit, what: str, change: Callable[[Source, str, str], Source], subject: str = ""
) -> tuple[str, str]:
    """One change of this step, noted; its flow and its name."""
    flow, step = visit.named("flow"), visit.named("step")
    await make(visit, what, subject or f"{flow}.{step}", lambda source: change(source, flow, step))
    return flow, step


@edits
async def question(visit: Visit) -> web.StreamResponse:
    kind = visit.form.get("ask")
    if kind not in load():
        raise web.HTTPBadRequest
    flow, step = await _made(
        visit, "flow.step.question", lambda source, flow, step: editing.ask(source, flow, step, kind)
    )
    return back(f"/flows/{flow}/steps/{step}", "said.draft_saved")


@edits
async def move(visit: Visit) -> web.StreamResponse:
    by = _by(visit)
    flow, step = await _made(
        visit, "flow.step.move", lambda source, flow, step: editing.move_step(source, flow, step, by)
    )
    return back(f"/flows/{flow}", anchor=f"step-{step}")


@edits
async def rename(visit: Visit) -> web.StreamResponse:
    new = visit.form.get("name")
    flow, _ = await _made(
        visit, "flow.step.rename", lambda source, flow, step: editing.rename_step(source, flow, step, new)
    )
    return back(f"/flows/{flow}/steps/{new}", "said.draft_saved")


@edits
async def delete(visit: Visit) -> web.StreamResponse:
    instead = visit.form.get("instead")
    flow, _ = await _made(
        visit, "flow.step.delete", lambda source, flow, step: editing.delete_step(source, flow, step, instead)
    )
    return back(f"/flows/{flow}", "said.step_gone")


@edits
async def add_option(visit: Visit) -> web.StreamResponse:
    name, to, words = visit.form.get("name"), visit.form.get("to"), said(visit)
    flow, step = await _made(
        visit,
        "flow.option.new",
        lambda source, flow, step: editing.add_option(source, flow, step, name, to, words),
    )
    return back(f"/flows/{flow}/steps/{step}", "said.draft_saved", "answers")


@edits
async def move_option(visit: Visit) -> web.StreamResponse:
    option, by = visit.named("option"), _by(visit)
    return await _of_option(
        visit, "move", lambda source, flow, step: editing.move_option(source, flow, step, option, by)
    )


@edits
async def delete_option(visit: Visit) -> web.StreamResponse:
    option = visit.named("option")
    return await _of_option(
        visit, "delete", lambda source, flow, step: editing.delete_option(source, flow, step, option)
    )


async def _of_option(
    visit: Visit, what: str, change: Callable[[Source, str, str], Source]
) -> web.StreamResponse:
    subject = ".".join(visit.named(part) for part in ("flow", "step", "option"))
    flow, step = await _made(visit, f"flow.option.{what}", change, subject)
    return back(f"/flows/{flow}/steps/{step}", "said.draft_saved" if what == "delete" else "", "answers")


def _by(visit: Visit) -> int:
    return -1 if visit.form.get("by") == "up" else 1
