"""A broadcast as a form says it, and why it cannot be sent, in the console's words."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from bot.admin import rows
from bot.admin.areas import name_of
from bot.admin.form import Form
from bot.admin.said import Sayings, Speech
from bot.flow.definition import Problem
from bot.people import ROLES, Unit
from bot.services.audience import Audience, AudienceError, numbers_in
from bot.services.plans import LeftOut
from bot.store.trainings import Session

PASTED = "list"
_LINE = re.compile(rf"{PASTED}:(?P<line>\d+): (?P<why>.*)")
_LANGUAGE = re.compile(r"(?P<language>[a-z]{2}): (?P<why>.*)")
_SAID = Sayings(
    "announce",
    (
        (r"for whom\?.*", "nobody"),
        (r".*: no such training; there are: (?P<known>.*)", "no_training"),
        (r"no text", "no_text"),
        (r"\{(?P<wrong>.+)\} is not known here.*", "placeholder"),
        (r"the choices are not said in French", "choices_french"),
        (r"the languages have not the same number of choices", "choices_differ"),
        (r"a question has 2 to (?P<most>\d+) choices, not \d+", "choices_many"),
        (r"two choices are the same word", "choices_twice"),
        (r"'(?P<choice>.*)' is no word", "choice_no_word"),
        (r"'(?P<choice>.*)' would be taken for a command or a report", "choice_command"),
        (r"(?P<count>\d+) segments for (?P<number>\S+): (?P<most>\d+) at most", "too_long"),
    ),
)
_LEFT_OUT = {"opted out": "stopped", "not active": "inactive"}


class Draft(Struct, frozen=True):
    """What somebody composed; kept between the page that prices it and the one that sends it."""

    fr: str = ""
    bm: str = ""
    roles: tuple[str, ...] = ()
    unit: str = ""
    """A path."""
    who_has_not: str = ""
    numbers: str = ""
    """A list, as it was pasted."""
    ask: str = ""
    ask_bm: str = ""
    """Choices, one a line."""
    urgent: bool = False

    @property
    def texts(self) -> dict[str, str]:
        return {"fr": self.fr} | ({"bm": self.bm} if self.bm else {})

    @property
    def choices(self) -> dict[str, tuple[str, ...]]:
        said = {"fr": _lines(self.ask), "bm": _lines(self.ask_bm)}
        return {language: choices for language, choices in said.items() if choices}

    def audience(self) -> Audience:
        """Raises AudienceError for a list that cannot be read, or that names nobody."""
        numbers = numbers_in(self.numbers, PASTED) if self.numbers else ()
        if self.numbers and not numbers:
            raise AudienceError([f"{PASTED}:1: no number"])
        return Audience(self.roles, self.unit, numbers, self.who_has_not)


def read(form: Form, area: str, *, may_urge: bool) -> Draft:
    """What was posted; who has an area writes to nobody outside it."""
    names = ("fr", "bm", "who_has_not", "ask", "ask_bm")
    said = {name: form.get(name).replace("\r\n", "\n") for name in names}
    listed = form.files.get("file", b"").decode("utf-8-sig", "replace")
    return Draft(
        **said,
        roles=tuple(role for role in ROLES if role in form.all("roles")),
        unit=form.get("unit") or area,
        numbers="\n".join(filter(None, (form.get("numbers"), listed.strip()))),
        urgent=may_urge and form.get("urgent") == "1",
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def told(speech: Speech, problems: Sequence[str]) -> list[str]:
    return [_problem(speech, one) for one in problems]


def _problem(speech: Speech, problem: str) -> str:
    if found := _LINE.fullmatch(problem):
        (row,) = rows.told(speech, [Problem(PASTED, int(found["line"]), found["why"])])
        return speech.say("announce.line", line=found["line"], why=row.message)
    if found := _LANGUAGE.fullmatch(problem):
        language = speech.or_itself("language", found["language"])
        return speech.say("announce.of", language=language, why=_why(speech, found["why"]))
    return _why(speech, problem)


def _why(speech: Speech, why: str) -> str:
    key, values = _SAID.find(why)
    if not key:
        return speech.say("announce.wrong", why=why)
    return speech.say(key, name="{name}", unit="{unit}", **values)


def left_out(speech: Speech, one: LeftOut) -> str:
    return speech.say(f"announce.left_{_LEFT_OUT.get(one.why, 'unknown')}")


def whom(speech: Speech, audience: str, units: Mapping[str, Unit]) -> str:
    """An audience as it is kept, `role asc, unit ML/SEG`, as people say it."""
    return " · ".join(_condition(speech, units, *part.split(" ", 1)) for part in audience.split(", "))


def _condition(speech: Speech, units: Mapping[str, Unit], name: str, value: str = "") -> str:
    match name:
        case "role":
            return ", ".join(speech.or_itself("contact", role) for role in value.split(","))
        case "unit":
            return name_of(value, units)
        case "list":
            return speech.say("announce.listed", count=value.partition(" ")[0])
        case _:
            return not_done(speech, value)


def not_done(speech: Speech, value: str, sessions: Mapping[str, Session] | None = None) -> str:
    """`training:F-1` as `n’a pas répondu à la formation Falo, 2026-11-30`."""
    name, _, id_ = value.partition(":")
    session = (sessions or {}).get(id_)
    about = f"{session.place}, {session.begins[:10]}" if session else id_
    key = f"announce.not_{name}"
    return speech.say(key, about=about) if speech.knows(key) else value
