"""A flow as its script: every step a card, with what a phone shows in each language and where each answer leads."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from bot.flow.check_words import longest
from bot.flow.definition import Ask, End, Flow, Problem, Step, acts_of, exits_of
from bot.flow.release import Release, file_of
from bot.flow.script import BUDGET, label, screens
from bot.services.editing import steps
from bot.services.editing.blocks import Block, Setting, cut
from bot.text.fold import to_gsm


class Said(Struct, frozen=True):
    """The words of one key in one language, and how far they can be trusted."""

    language: str
    key: str
    text: str
    state: str
    """`missing`, `fuzzy`, `unreviewed` or `good`."""


class Shown(Struct, frozen=True):
    """One page of a screen, as the network counts it at its longest."""

    text: str
    septets: int
    limit: int

    @property
    def over(self) -> bool:
        return self.septets > self.limit


class Way(Struct, frozen=True):
    """Where an answer leads. `here` tells whether that is a step of the same flow."""

    answer: str
    to: str
    here: bool


class Card(Struct, frozen=True):
    """One step."""

    name: str
    kind: str
    """`ask`, `look`, `each`, `call`, `act` or `end`."""
    what: str
    """The type of a question; else what is looked at, gone through or called."""
    comment: str
    settings: Mapping[str, Setting]
    screens: Mapping[str, tuple[Shown, ...]]
    words: tuple[Said, ...]
    options: tuple[tuple[str, tuple[Said, ...]], ...]
    ways: tuple[Way, ...]
    acts: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def goes_one_way(self) -> bool:
        """Whether a step can be put into the way behind it without asking where it leads."""
        return isinstance(self.settings.get("then"), str)


def cards(release: Release, flow: Flow, problems: Sequence[Problem]) -> list[Card]:
    """The steps of a flow, in the order of its file; of one that is written by another hand, without its comments."""
    text = cut(release.source.flows[flow.file])
    blocks = {block.name: block for block in text.blocks}
    return [
        _card(release, flow, step, blocks.get(step.name) or Block(step.name, (), ()), problems)
        for step in flow.steps.values()
        if ":" not in step.name
    ]


def _card(release: Release, flow: Flow, step: Step, block: Block, problems: Sequence[Problem]) -> Card:
    given = steps.settings(release.source.flows[flow.file], step.name)
    kind = steps.kind(given)
    key = f"{flow.name}.{step.name}"
    asked = isinstance(step, Ask)
    options = release.places[flow.name, step.name].question.option_keys() if asked else {}
    told = [f"{key}.tell"] if any(act.verb == "tell" for act in acts_of(step)) else []
    spoken = [key] if isinstance(step, Ask | End) else []
    return Card(
        name=step.name,
        kind=kind,
        what=str(given.get(kind, "")),
        comment="\n".join(line.lstrip("# ") for line in block.lead if line.startswith("#")),
        settings=given,
        screens={code: _shown(release, flow, step, code) for code in release.words.languages},
        words=tuple(said for own in (*spoken, *told) for said in sayings(release, own)),
        options=tuple((name, sayings(release, own)) for own, name in options.items()),
        ways=tuple(_ways(flow, step)),
        acts=tuple(f"{act.verb}: {act.what}" for act in acts_of(step)),
        problems=tuple(_concerning(release, flow, step, block, problems)),
    )


def about(text: str) -> str:
    """What a flow's file says of itself, in the comments at its head."""
    first = next((block for block in cut(text).blocks if block.name == "flow"), None)
    lines = (line.lstrip("# ") for line in (first.lead if first else ()) if line.startswith("#"))
    return " ".join(line for line in lines if not line.startswith("yaml-language-server")).replace("`", "")


def answers_of(release: Release, flow: Flow) -> dict[tuple[str, str], str]:
    """The French words of every option, by step and answer."""
    return {
        (step.name, answer): message.text
        for step in flow.asks()
        for key, answer in release.places[flow.name, step.name].question.option_keys().items()
        if (message := release.words.get("fr", key))
    }


def sayings(release: Release, key: str) -> tuple[Said, ...]:
    """A key's words in every language."""
    return tuple(said(release, language, key) for language in release.words.languages)


def said(release: Release, language: str, key: str) -> Said:
    message, french = release.words.get(language, key), release.words.get("fr", key)
    if message is None or not message.text:
        return Said(language, key, "", "missing")
    if french is None or not message.says(french):
        return Said(language, key, message.text, "fuzzy")
    return Said(language, key, message.text, "good" if message.reviewed else "unreviewed")


def _shown(release: Release, flow: Flow, step: Step, language: str) -> tuple[Shown, ...]:
    try:
        pages = screens(release, flow, step, language)
    except KeyError:
        return ()
    if isinstance(step, End) and len(pages) > 1:
        # A last screen has no second page: it is shown whole, with what it takes too much.
        pages = (_whole(release, flow, step, language),)
    return tuple(Shown(page, BUDGET.size(page), BUDGET.limit) for page in pages)


def _whole(release: Release, flow: Flow, step: Step, language: str) -> str:
    return to_gsm(release.words.say(language, f"{flow.name}.{step.name}", longest(release, flow, language)))


def _ways(flow: Flow, step: Step) -> Iterator[Way]:
    if isinstance(step, Ask) and step.question == "flow":
        return
    for way in exits_of(step):
        yield Way(label(way), way.to, way.to in flow.steps)


def _concerning(
    release: Release, flow: Flow, step: Step, block: Block, problems: Sequence[Problem]
) -> Iterator[Problem]:
    """The problems on the lines of this step, and on those of its words."""
    key = f"{flow.name}.{step.name}"
    messages = {
        (file_of(language), message.line)
        for language, catalog in release.catalogs.items()
        for message in catalog.messages.values()
        if message.key == key or message.key.startswith(f"{key}.")
    }
    for problem in problems:
        mine = problem.file == flow.file and step.line <= problem.line < step.line + len(block.lines)
        if mine or (problem.file, problem.line) in messages:
            yield problem
