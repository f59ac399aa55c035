"""Problems of a flow in the console's words: checks speak to who writes files, the console to who fills in forms."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from bot.admin.said import Speech
from bot.flow.definition import Problem

_SAID: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), f"problem.{key}")
    for pattern, key in (
        (r"dead end: the answer `?(?P<answer>[^` ]+)`? of `(?P<step>\w+)` leads nowhere", "nowhere"),
        (r"dead end: `(?P<step>\w+)` wants an `else:` exit", "else"),
        (r"dead end: from `(?P<step>\w+)` no call can ever end", "endless"),
        (r"`(?P<step>\w+)` is never reached: no exit leads to it", "unreached"),
        (r"`(?P<step>\w+)` leads nowhere: `then:` is missing", "no_way"),
        (r"`(?P<step>\w+)` is no step of this flow; there are: .*", "no_step"),
        (r"`(?P<key>[\w.]+)` has no words in locales/fr\.po", "no_french"),
        (
            r"`(?P<key>[\w.]+)` has no words in locales/(?P<language>\w+)\.po: it is said in French",
            "no_words",
        ),
        (
            r"`(?P<key>[\w.]+)` takes (?P<count>\d+) septets at its longest, and a screen (?P<limit>\d+)",
            "long",
        ),
        (r"`(?P<key>[\w.]+)` names \{(?P<name>\w+)\}, which `(?P<flow>\w+)` does not know", "unknown_name"),
        (r"`(?P<key>[\w.]+)` is said by no flow", "unsaid"),
        (r"`(?P<key>[\w.]+)` is fuzzy: it is said in French", "fuzzy"),
        (r"`(?P<key>[\w.]+)` was translated from another French text: said in French", "fuzzy"),
        (r"`(?P<answer>[^`]+)` is no answer of `(?P<step>\w+)`; there are: (?P<there>.*)", "no_answer"),
        (r"this exit is outside `between: (?P<span>[^`]+)`", "outside"),
        (r"overlaps another exit: (?P<answer>-?\d+) would lead two ways", "two_ways"),
        (r"not readable as YAML: (?P<why>.*)", "yaml"),
    )
)


def told(speech: Speech, problems: Sequence[Problem]) -> list[Problem]:
    """The same problems, in the words of who reads them; those we have no words for as they are."""
    return [replace(problem, message=_told(speech, problem.message)) for problem in problems]


def _told(speech: Speech, message: str) -> str:
    for pattern, key in _SAID:
        if found := pattern.fullmatch(message):
            return speech.say(key, **found.groupdict())
    # The rest of a sentence may explain; its beginning is what is wrong.
    for pattern, key in _SAID:
        if found := pattern.match(message):
            return speech.say(key, **found.groupdict())
    return message
