"""Problems of a flow in the console's words: checks speak to who writes files, the console to who fills in forms.

`problems.txt` has every sentence of the checks; `tests/editing/test_said.py` reads the checks and finds none without.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from msgspec.structs import replace

from bot.admin.said import Sayings, Speech
from bot.flow.definition import Problem

_OF_A_STEP = re.compile(r"(?:`(\w+)`|([\w.]+)): (.*)", re.DOTALL)
"""A question's own complaint about its settings, or a brace's about its text, behind the name it concerns."""


def told(speech: Speech, problems: Sequence[Problem]) -> list[Problem]:
    """The same problems, in the words of who reads them; those we have no words for as they are."""
    return [replace(problem, message=_told(speech, problem.message)) for problem in problems]


def _told(speech: Speech, message: str) -> str:
    key, values = _sentences().find(message)
    if key:
        return speech.say(key, **values)
    if (found := _OF_A_STEP.fullmatch(message)) and (said := _told(speech, found[3])) != found[3]:
        return f"{found[1] or found[2]} : {said}"
    return message


@lru_cache(1)
def _sentences() -> Sayings:
    lines = files("bot.admin").joinpath("problems.txt").read_text("utf-8").splitlines()
    pairs = [line.split("  ", 1) for line in lines if line and not line.startswith("#")]
    return Sayings("problem", [(pattern, key) for key, pattern in pairs])
