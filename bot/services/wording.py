"""What a broadcast says: the sender's own words, checked, with her name in them and the choices below. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.flow.release import Release
from bot.people import Contact
from bot.text.catalog import placeholders
from bot.text.fold import bare, to_gsm
from bot.text.grammar import Verdict, read_command, read_items
from bot.text.gsm import segment

NAMES = frozenset({"name", "unit"})
"""What may stand in braces: her name, and that of her place."""
MOST_SEGMENTS = 3
MOST_CHOICES = 9
ANSWERS = frozenset({"answer", "yes", "no", "today", "yesterday"})
"""What an SMS may begin with and be no command: `services.sms` takes these for answers."""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def said_to(
    texts: Mapping[str, str], choices: Mapping[str, Sequence[str]], who: Contact, unit: str
) -> dict[str, str]:
    """The message to this contact, in each language it was written in."""
    values = {"name": who.name, "unit": unit}
    return {
        language: "\n".join(
            [_PLACEHOLDER.sub(lambda found: values[found[1]], text), *_numbered(_in(choices, language))]
        )
        for language, text in texts.items()
    }


def segments(text: str, *, letters: bool) -> int:
    """How many parts are paid for, as it will be sent."""
    return len(segment(text if letters else to_gsm(text)).parts)


def in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts["fr"]


def problems_of(
    texts: Mapping[str, str], choices: Mapping[str, Sequence[str]], release: Release, products: Sequence[str]
) -> Iterator[str]:
    """All that keeps these words from being sent."""
    for language, text in {"fr": "", **texts}.items():
        yield from (f"{language}: {problem}" for problem in _text_problems(text))
    if choices and "fr" not in choices:
        yield "the choices are not said in French"
    counts = {len(said) for said in choices.values()}
    if len(counts) > 1:
        yield "the languages have not the same number of choices"
    for language, said in choices.items():
        yield from (f"{language}: {problem}" for problem in _choice_problems(said, release, products))


def _text_problems(text: str) -> Iterator[str]:
    if not text.strip():
        yield "no text"
        return
    try:
        strange = placeholders(text) - NAMES
    except ValueError as error:
        yield str(error)
        return
    yield from (f"{{{name}}} is not known here: {{name}} and {{unit}} are" for name in sorted(strange))


def _choice_problems(said: Sequence[str], release: Release, products: Sequence[str]) -> Iterator[str]:
    if not 2 <= len(said) <= MOST_CHOICES:
        yield f"a question has 2 to {MOST_CHOICES} choices, not {len(said)}"
    if len({bare(choice) for choice in said}) < len(said):
        yield "two choices are the same word"
    for choice in said:
        if not bare(choice) or bare(choice).replace(" ", "").isdigit():
            yield f"{choice!r} is no word"
        elif read_command(choice, release.keywords).name not in ANSWERS or _is_report(choice, products):
            yield f"{choice!r} would be taken for a command or a report"


def _is_report(choice: str, products: Sequence[str]) -> bool:
    return any(item.verdict is Verdict.ACCEPTED for item in read_items(choice, products))


def _in(choices: Mapping[str, Sequence[str]], language: str) -> Sequence[str]:
    return choices.get(language) or choices.get("fr", ())


def _numbered(choices: Sequence[str]) -> Iterator[str]:
    return (f"{number} {choice}" for number, choice in enumerate(choices, 1))
