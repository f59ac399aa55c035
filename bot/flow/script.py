"""A flow told as a script: each screen as a phone shows it, with its septets, and where each answer leads."""

from collections.abc import Iterator

from bot.flow.check_words import longest
from bot.flow.definition import Ask, Call, Each, End, Exit, Flow, Step, acts_of, exits_of
from bot.flow.release import Release
from bot.text.fold import to_gsm
from bot.text.screens import BACK, BACK_PAST_ZERO, HOME, MORE, Budget, compile_screen

BUDGET = Budget()


def script(release: Release, flow: Flow, language: str) -> Iterator[str]:
    """The lines of the script. Values stand at their longest, so the septets are the worst case."""
    roles = ", ".join(sorted(flow.roles)) or "everybody"
    yield f"{flow.name} ({flow.file}), for {roles}, in {language}. Begins at: {flow.start}"
    for step in flow.steps.values():
        if ":" not in step.name:
            yield ""
            yield f"{step.name}  [{_kind(step)}]"
            yield from (f"  | {line}" for line in _shown(release, flow, step, language))
            yield from (f"  {line}" for line in _leads(step))


def _kind(step: Step) -> str:
    if isinstance(step, Ask):
        return f"asks: {step.question}"
    if isinstance(step, Each):
        return f"each of: {step.over}, from {step.body} on"
    if isinstance(step, Call):
        return f"calls: {step.flow}"
    if isinstance(step, End):
        return "end"
    return f"looks at: {step.look}" if step.look else "acts"


def _shown(release: Release, flow: Flow, step: Step, language: str) -> Iterator[str]:
    pages = screens(release, flow, step, language)
    for number, page in enumerate(pages, 1):
        yield from page.split("\n")
        of = f" screen {number} of {len(pages)}, key {MORE} turns" if len(pages) > 1 else ""
        yield f"-- {BUDGET.size(page)} of {BUDGET.limit} septets{of}"


def screens(release: Release, flow: Flow, step: Step, language: str) -> tuple[str, ...]:
    """A step as a phone shows it, page by page, with values at their longest; nothing for one that shows nothing.

    Raises KeyError where there are no words.
    """
    if not isinstance(step, Ask | End):
        return ()
    values = longest(release, flow, language)
    options: list[tuple[str, str]] = []
    footer: list[tuple[str, str]] = []
    if isinstance(step, Ask):
        keys = release.places[flow.name, step.name].question.option_keys()
        options = [
            (str(number), to_gsm(release.words.say(language, key, values)))
            for number, key in enumerate(keys, 1)
        ]
        back = BACK_PAST_ZERO if release.places[flow.name, step.name].question.takes_zero() else BACK
        footer = [(back, _common(release, language, "back")), (HOME, _common(release, language, "home"))]
    body = to_gsm(release.words.say(language, f"{flow.name}.{step.name}", values))
    return compile_screen(body, options, footer, _common(release, language, "more"), BUDGET)


def _common(release: Release, language: str, word: str) -> str:
    return to_gsm(release.words.say(language, f"common.{word}"))


def _leads(step: Step) -> Iterator[str]:
    for act in acts_of(step):
        yield f"* {act.verb} {act.what}"
    for way in exits_of(step):
        yield f"{label(way)} -> {way.to}"


def label(way: Exit) -> str:
    """The answers an exit takes, as a flow writes them."""
    if way.other:
        return "else"
    if way.value is not None:
        return way.value
    return f"{'' if way.low is None else way.low}..{'' if way.high is None else way.high}"
