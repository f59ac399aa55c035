"""The words a step may have besides its question, each with the values a form offers for it. Pure."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from bot.flow.check_words import answers_of
from bot.flow.definition import HANDLED, KINDS, SETTABLE, Flow
from bot.flow.facts import FACTS, ITEM_FACTS, LISTS, MADE
from bot.flow.reading import COMMON
from bot.flow.release import Release
from bot.services.editing.answers import options
from bot.services.editing.blocks import Setting

DEEDS = ("record", "once", "corrects", "with", "set", "tell", *HANDLED)
"""What a step does besides, in the order of the form; all of `bot.flow.reading.COMMON` but the way on."""
assert {*DEEDS, "then"} == COMMON  # noqa: S101 - a word more in flows is a field more here
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "ask": ("as", "keep", "right", *DEEDS),
    "look": ("look", *DEEDS),
    "each": ("each", "do", "as", *DEEDS),
    "call": ("call",),
    "act": DEEDS,
}
NEEDED = {"look", "each", "do", "call"}
"""Words that cannot be left empty."""


class Word(Struct, frozen=True):
    """A field of the form. No choices: it is written freely."""

    name: str
    value: str
    choices: tuple[str, ...] = ()
    needed: bool = False


def words_of(release: Release, flow: Flow, kind: str, given: Mapping[str, Setting]) -> Iterator[Word]:
    """The fields for a step of that kind, as it is written now."""
    for name in OF_KIND.get(kind, ()):
        value = written(given.get(name))
        choices = _choices(release, flow, name, given)
        if choices and value and value not in choices:
            choices = (*choices, value)
        yield Word(name, value, choices, name in NEEDED)


def written(value: Setting) -> str:
    """`[a, b]` as `a, b`, and `{a: b}` as `a: b`."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {of}" for name, of in value.items())
    return ", ".join(value)


def read(name: str, text: str) -> Setting:
    """What a form's field says; None: the word goes."""
    text = text.strip()
    if not text:
        return None
    if name != "with":
        return text
    pairs = [part.partition(":") for part in text.split(",")]
    if any(mark for _, mark, _ in pairs):
        return {name.strip(): (of or name).strip() for name, _, of in pairs}
    return [name.strip() for name, _, _ in pairs]


def _choices(release: Release, flow: Flow, name: str, given: Mapping[str, Setting]) -> tuple[str, ...]:
    own = sorted(answers_of(flow))
    steps = [step for step in flow.steps if ":" not in step]
    offered: dict[str, tuple[str, ...]] = {
        "record": KINDS,
        "once": ("day",),
        "corrects": ("yes",),
        "keep": ("no",),
        "set": SETTABLE,
        "tell": ("supervisor", *own),
        "look": (*own, *sorted({*FACTS, *ITEM_FACTS, *MADE, *LISTS} - {*own})),
        "each": (*sorted(LISTS), *(ask.saved_as for ask in flow.asks() if ask.question == "several")),
        "do": tuple(steps),
        "call": tuple(sorted({*release.flows} - {flow.name})),
        "right": tuple(options(given)),
    }
    return (*own, "alerts", "newcomers") if name in HANDLED else offered.get(name, ())
