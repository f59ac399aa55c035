"""What a flow costs to be gone through once by SMS by all whom it concerns: segments × people × price."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from bot.flow.check_words import longest
from bot.flow.definition import Ask, End, Flow, Step, acts_of
from bot.flow.release import Release
from bot.people import Contact
from bot.text.fold import to_gsm
from bot.text.gsm import segment


class Cost(Struct, frozen=True):
    """One flow: SMS segments at their longest, whom it concerns, and FCFA."""

    flow: str
    segments: Mapping[str, int]
    """By language."""
    people: int
    price: float


class Audience(Struct, frozen=True):
    """How many active contacts there are of each role and language."""

    numbers: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, contacts: Iterable[Contact]) -> "Audience":
        return cls(Counter((contact.role, contact.language) for contact in contacts if contact.active))

    def of_flow(self, flow: Flow) -> Iterator[tuple[str, int]]:
        """How many of each language may open it."""
        return ((language, n) for (role, language), n in self.numbers.items() if flow.open_to(role))


def costs(release: Release, audience: Audience, price: float) -> dict[str, Cost]:
    """Each flow's cost; `price` is that of one segment."""
    return {name: _cost(release, flow, audience, price) for name, flow in release.flows.items()}


def _cost(release: Release, flow: Flow, audience: Audience, price: float) -> Cost:
    segments = {language: _segments(release, flow, language) for language in release.words.languages}
    people = list(audience.of_flow(flow))
    sent = sum(segments.get(language, segments["fr"]) * number for language, number in people)
    return Cost(flow.name, segments, sum(number for _, number in people), sent * price)


def _segments(release: Release, flow: Flow, language: str) -> int:
    values = longest(release, flow, language)
    said = (
        _said(release, flow, step, language, values) for step in flow.steps.values() if ":" not in step.name
    )
    return sum(len(segment(to_gsm(text)).parts) for texts in said for text in texts)


def _said(
    release: Release, flow: Flow, step: Step, language: str, values: Mapping[str, str]
) -> Iterator[str]:
    """The messages of one step: its question with the answers to choose from, and what it tells others."""
    key = f"{flow.name}.{step.name}"
    if isinstance(step, Ask | End):
        lines = [_words(release, language, key, values)]
        options = release.places[flow.name, step.name].question.option_keys() if isinstance(step, Ask) else ()
        lines += [f"{n} {_words(release, language, own, values)}" for n, own in enumerate(options, 1)]
        yield "\n".join(lines)
    for act in acts_of(step):
        if act.verb == "tell":
            yield _words(release, "fr", f"{key}.tell", values)


def _words(release: Release, language: str, key: str, values: Mapping[str, str]) -> str:
    """What is said; nothing where there are no words, which the lints tell."""
    try:
        return release.words.say(language, key, values)
    except KeyError:
        return ""
