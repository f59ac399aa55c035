"""One step of a conversation: where she was and what she typed → where she is, what she sees, what must be kept.

A run is never changed in place: `step` returns another. The answers taken (`run.given`) rebuild it anywhere.
"""

from collections.abc import Sequence

from bot.flow.deeds import aside_of, kept_answers
from bot.flow.definition import DONE, Ask, Call, End, FlowError, Problem, Refused, Value, keeps_by_item
from bot.flow.effects import AskBySms, Record
from bot.flow.machine import BEGIN, sms_state
from bot.flow.questions import Question
from bot.flow.release import Place, Release
from bot.flow.run import Caller, Frame, Medium, Run, Screen
from bot.text.fold import to_gsm
from bot.text.screens import BACK, BACK_PAST_ZERO, HOME, MORE

PATIENCE = 3
"""Wrong answers in a row before an example and another way are offered."""
AGAIN, BY_SMS = "1", "2"
SEALED = "\x02"
"""Before an answer of which only the verdict is kept, a PIN's; no phone can type it."""
STARTED = "\x03"
"""Before the SMS keyword that began the run."""
MOST_STEPS = 100
HOME_FLOW = "menu"


def begin(
    release: Release, caller: Caller, medium: Medium, flow: str = HOME_FLOW, given: Sequence[str] = ()
) -> Run:
    """A run at the first screen of a flow, or further on when `given` holds the answers it has had."""
    run = Run.at(release, caller, medium, flow)
    if not (given and given[0].startswith(STARTED)):
        _settle(run)
    for text in given:
        run = _given(run, text)
    run.effects = () if given else run.effects
    return run


def start_keyword(release: Release, caller: Caller, medium: Medium, flow: str, keyword: str) -> Run:
    """A flow begun by an SMS keyword: what the word says is answered already. Raises KeyError for an unknown word."""
    return _by_keyword(Run.at(release, caller, medium, flow), f"{STARTED}{keyword}")


def step(run: Run, text: str) -> Run:
    """What one message does. Never raises for anything a caller can type."""
    place = place_of(run)
    if place is None:
        return run.copy()
    typed, question = text.strip(), place.question
    if typed == MORE and run.page + 1 < len(pages(run)):
        return _turned(run)
    if typed in (HOME, BACK_PAST_ZERO) or (typed == BACK and not question.takes_zero()):
        return _back(run, home=typed == HOME)
    if run.wrong >= PATIENCE and typed in (AGAIN, BY_SMS) and run.medium.paged:
        return _unstuck(run, typed)
    try:
        value = question.read(text, run)
    except Refused as refusal:
        return _refused(run, refusal)
    return _take(run, place.ask, value, f"{SEALED}{value}" if question.secret() else text)


def place_of(run: Run) -> Place | None:
    """The question that waits for an answer; None when the call is over."""
    return None if run.by_sms else run.release.places.get((run.flow, run.state))


def over(run: Run) -> bool:
    """Whether the last screen has been reached."""
    return place_of(run) is None


def begun(run: Run) -> bool:
    """Whether something was said that is worth taking up: an answer of a flow that keeps reports."""
    if run.recorded or over(run):
        return False
    return any(run.release.keeps(frame.flow) and (frame.answers or frame.loop) for frame in _frames(run))


def partial(run: Run) -> Record | None:
    """The report that an unfinished run leaves behind, marked so; None when nothing of it makes a row."""
    for frame in _frames(run) if begun(run) else ():
        rows = tuple({**row, "partial": "yes"} for row in _rows(run, frame))
        if rows:
            return Record(run.release.keeps(frame.flow), rows, frame.flow)
    return None


def _frames(run: Run) -> tuple[Frame, ...]:
    """Where she is, from the outermost flow on."""
    return (*run.stack, Frame(run.flow, run.state, run.answers, run.loop, run.score))


def _rows(run: Run, frame: Frame) -> list[dict[str, Value]]:
    """The rows so far: one for each item that was asked about, or the answers as they are."""
    flow, loop = run.release.flows[frame.flow], frame.loop
    if not run.release.keeps(frame.flow):
        return []
    own = dict(kept_answers(aside_of(flow), frame.answers))
    if loop is None:
        return [own] if own and not keeps_by_item(flow) else []
    saved_as = run.release.saved_as(frame.flow, loop.name)
    asked = [(item, row) for item, row in zip(loop.items, loop.rows, strict=False) if row]
    return [{**own, **({saved_as: item.value} if saved_as else {}), **row} for item, row in asked]


def screen(run: Run) -> Screen:
    """What she sees, before paging."""
    place = place_of(run)
    if place is None:
        return _last(run)
    body = run.release.words.say(run.language, place.words, run)
    footer = _footer(run, place.question)
    if run.wrong_key:
        body = f"{run.say(run.wrong_key, **run.wrong_values)}\n{body}"
    # By SMS there is no patience to lose: each message costs, so the example comes at once.
    if run.wrong >= (PATIENCE if run.medium.paged else 1):
        return _stuck(run, place, body, footer)
    options = tuple((key, label) for key, _, label in place.question.options(run))
    return Screen(body, options, footer, run.release.more(run.language))


def _last(run: Run) -> Screen:
    if run.by_sms:
        return Screen(run.say("common.by_sms"), final=True)
    if run.state == DONE:
        return Screen(run.say("common.done"), final=True)
    return Screen(run.release.words.say(run.language, f"{run.flow}.{run.state}", run), final=True)


def pages(run: Run) -> tuple[str, ...]:
    """The screens she can turn through, each within the medium's budget; the whole text at once by SMS."""
    shown = screen(run)
    if shown.final:
        shown = _shortened(run, shown)
    return run.release.pages(shown, run.medium)


def page(run: Run) -> str:
    """The screen she sees now."""
    return pages(run)[run.page]


def _given(run: Run, text: str) -> Run:
    """Takes an answer again, as it was taken the first time."""
    if text.startswith(STARTED):
        return _by_keyword(run, text)
    place = run.release.places[run.flow, run.state]
    if text.startswith(SEALED):
        return _take(run, place.ask, text.removeprefix(SEALED), text)
    return _take(run, place.ask, place.question.read(text, run), text)


def _by_keyword(run: Run, text: str) -> Run:
    keyword = run.release.keyword(run.flow, text.removeprefix(STARTED))
    run = run.copy()
    run.given = (text,)
    run.answers = dict(keyword.answers)
    run.state = sms_state(keyword)
    _settle(run)
    return run


def _take(run: Run, ask: Ask, value: Value, text: str) -> Run:
    run = run.copy()
    run.settle()
    run.given = (*run.given, text)
    run.answer = value
    run.score += bool(ask.right) and value == ask.right
    run.save(ask.saved_as, value)
    if not run.release.machines[run.flow].answer(run):
        raise _stranded(run)
    _settle(run)
    return run


def _settle(run: Run) -> None:
    """Moves on through what asks nothing: the beginning, a called flow, the way back from it."""
    for _ in range(MOST_STEPS):
        if (run.flow, run.state) in run.release.places:
            return
        found = run.release.flows[run.flow].steps.get(run.state)
        if isinstance(found, End) or (run.state == DONE and not run.stack):
            return
        if isinstance(found, Call):
            _enter(run, found.flow)
        elif run.state == DONE:
            _return(run)
        if not run.release.machines[run.flow].go(run):
            raise _stranded(run)
    raise _stranded(run)


def _enter(run: Run, flow: str) -> None:
    run.stack = (*run.stack, Frame(run.flow, run.state, run.answers, run.loop, run.score))
    run.flow, run.state, run.answers, run.loop, run.score = flow, BEGIN, {}, None, 0


def _return(run: Run) -> None:
    *below, frame = run.stack
    run.stack = tuple(below)
    run.flow, run.state, run.answers, run.loop, run.score = (
        frame.flow,
        frame.state,
        frame.answers,
        frame.loop,
        frame.score,
    )


def _turned(run: Run) -> Run:
    run = run.copy()
    run.page += 1
    return run


def _back(run: Run, *, home: bool) -> Run:
    if run.page and not home:
        run = run.copy()
        run.page -= 1
        return run
    given = () if home else run.given[:-1]
    flow = HOME_FLOW if home and HOME_FLOW in run.release.flows else run.start
    return begin(run.release, run.caller, run.medium, flow, given)


def _unstuck(run: Run, typed: str) -> Run:
    run = run.copy()
    run.settle()
    if typed == BY_SMS:
        run.by_sms = True
        run.effects = (AskBySms(),)
    return run


def _refused(run: Run, refusal: Refused) -> Run:
    run = run.copy()
    run.page = 0
    run.wrong += 1
    run.wrong_key, run.wrong_values = refusal.key, refusal.values
    return run


def _footer(run: Run, question: Question) -> tuple[tuple[str, str], ...]:
    if not run.given or not run.medium.paged:
        return ()
    back = BACK_PAST_ZERO if question.takes_zero() else BACK
    return run.release.footer(run.language, (back,) if len(run.given) == 1 else (back, HOME))


def _stuck(run: Run, place: Place, body: str, footer: tuple[tuple[str, str], ...]) -> Screen:
    """After the third wrong answer: an example, and another way to go on."""
    example = f"common.example.{place.ask.question}"
    if run.release.words.get("fr", example):
        body = f"{body}\n{run.say(example)}"
    if not run.medium.paged:
        return Screen(body, tuple((key, label) for key, _, label in place.question.options(run)))
    ways = ((AGAIN, run.say("common.again")), (BY_SMS, run.say("common.by_sms.offer")))
    return Screen(body, ways, footer, run.release.more(run.language))


def _shortened(run: Run, shown: Screen) -> Screen:
    """A last screen has no second page: a long report names its first items and counts the rest."""
    full = run.report
    for kept in range(len(full) - 1, -1, -1):
        if run.medium.budget.fits(to_gsm(shown.body)):
            break
        shorter = run.copy()
        shorter.report = (*full[:kept], f"+{len(full) - kept}")
        shown = Screen(
            shorter.release.words.say(run.language, f"{run.flow}.{run.state}", shorter), final=True
        )
    return shown


def _stranded(run: Run) -> FlowError:
    flow = run.release.flows[run.flow]
    line = flow.steps[run.state].line if run.state in flow.steps else flow.line
    return FlowError([Problem(flow.file, line, f"no exit of `{run.state}` takes the answer {run.answer!r}")])
