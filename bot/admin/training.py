"""Trainings as the console shows them: their tables, and why a row of their sheets was refused."""

from collections.abc import Mapping, Sequence

from bot.admin import rows
from bot.admin.said import Sayings, Speech
from bot.admin.table import PAGE, SEARCH, SORT, Choice, Column, Field, Table
from bot.admin.whole import whole
from bot.flow.definition import Problem
from bot.flow.release import Release
from bot.services.courses import COLUMNS
from bot.services.trainings import LISTED, Attendant
from bot.store.trainings import Session

ANSWERS, CAME, OPEN = ("yes", "no", "unsure"), ("yes", "no"), "none"
"""What somebody says, whether she came; and neither yet."""
STATES = ("planned", "cancelled")
ASKED = (SEARCH, SORT, PAGE, "unit", "answer", "attended")
"""What the address of a training's page may ask of its table."""
SESSIONS: Table[Session] = Table(
    "trainings",
    [Column(name, lambda one, name=name: str(getattr(one, name))) for name in COLUMNS],  # type: ignore[misc]
)
"""As an import reads it."""
ATTENDANTS: Table[Attendant] = Table(
    "attendants",
    [Column(name, lambda one, name=name: str(getattr(one, name))) for name in LISTED],  # type: ignore[misc]
)
_SAID = Sayings(
    "training",
    (
        (r"id: letters, digits.*", "bad_id"),
        (r"(?P<column>topic|place): more than (?P<most>\d+) letters.*", "too_long"),
        (r"begins: .*", "bad_begin"),
        (r"ends: .* is no day.*", "bad_end"),
        (r"ends: .* is before it begins", "ends_before"),
        (r"quiz: there is no flow.*", "no_quiz"),
        (r"state: .*", "bad_state"),
        (r"id: (?P<id>.*) is on line (?P<line>\d+) already", "twice"),
        (r"(?P<column>topic|place|begins): empty", "empty"),
        (r"msisdn: (?P<number>\S+) is not invited", "not_invited"),
        (r"attended: .*", "bad_attended"),
    ),
)


def topic(release: Release, session: Session) -> str:
    """What it is about, in French: by its key, else as it was written."""
    key = f"training.topic.{session.topic}"
    known = release.words.get("fr", key) is not None
    return release.words.say("fr", key) if known else session.topic


def topics(release: Release) -> list[tuple[str, str]]:
    """Those that have words of their own, in each language."""
    stem = "training.topic."
    keys = sorted(key for key in release.catalogs["fr"].messages if key.startswith(stem))
    return [(key.removeprefix(stem), release.words.say("fr", key)) for key in keys]


def quizzes(release: Release) -> list[tuple[str, str]]:
    """By the topic they are about, where that has words."""
    known = dict(topics(release))
    names = [name.removeprefix("quiz_") for name in release.flows if name.startswith("quiz_")]
    return [(name, known.get(name, name)) for name in sorted(names)]


def table(release: Release) -> Table[Session]:
    return Table(
        "trainings",
        [
            Column("begins", lambda one: one.begins, lambda one, _: moment(one.begins), link=address),
            Column("topic", lambda one: topic(release, one), link=address),
            Column("place", lambda one: one.place),
            Column(
                "state",
                lambda one: one.state,
                lambda one, speech: speech.say(f"training.{one.state}"),
                tone=lambda one: "quiet" if one.state == "cancelled" else "good",
            ),
            Column("id", lambda one: one.id),
        ],
        searched=lambda one: f"{topic(release, one)} {one.place} {one.id}",
        first="-begins",
    )


def attendants(*, edits: bool) -> Table[Attendant]:
    """Who was invited; who may change it says in the table itself who came."""

    def field(one: Attendant, speech: Speech) -> Field:
        options = [(said, speech.say(f"training.came_{said}")) for said in CAME]
        return Field(
            f"came.{one.msisdn}",
            f"{speech.say('attendants.attended')} : {one.name or one.msisdn}",
            options,
            one.attended,
        )

    return Table(
        "attendants",
        [
            Column(
                "name", lambda one: one.name or one.msisdn, link=lambda one: f"/admin/roster/{one.msisdn}"
            ),
            Column("unit", lambda one: one.unit),
            Column("answer", lambda one: one.answer, _answer),
            Column("attended", lambda one: one.attended, _came, field=field if edits else None),
            Column("score", lambda one: one.score if (score := whole(one.score)) is None else score),
        ],
        searched=lambda one: f"{one.name} {one.msisdn} {one.unit}",
    )


def _answer(one: Attendant, speech: Speech) -> str:
    return speech.or_itself("training", f"said_{one.answer}") if one.answer in ANSWERS else one.answer


def _came(one: Attendant, speech: Speech) -> str:
    return speech.say(f"training.came_{one.attended}") if one.attended else ""


def choices(speech: Speech, listed: Sequence[Attendant]) -> list[Choice[Attendant]]:
    units = sorted({one.unit for one in listed})
    answers = [(said, speech.say(f"training.said_{said}")) for said in (*ANSWERS, OPEN)]
    came = [(said, speech.say(f"training.came_{said}")) for said in (*CAME, OPEN)]
    return [
        Choice("unit", [(unit, unit) for unit in units], lambda one, unit: one.unit == unit),
        Choice("answer", answers, lambda one, said: (one.answer or OPEN) == said),
        Choice("attended", came, lambda one, said: (one.attended or OPEN) == said),
    ]


def address(session: Session) -> str:
    return f"/admin/trainings/{session.id}"


def moment(begins: str) -> str:
    """`2026-11-30T08:00` as `30/11/2026 08:00`."""
    day, _, hour = begins.partition("T")
    return f"{'/'.join(reversed(day.split('-')))} {hour}".strip()


def counts(listed: Sequence[Attendant]) -> Mapping[str, int]:
    """How many were invited, said what, and came."""
    said = {name: sum(one.answer == name for one in listed) for name in ANSWERS}
    came = sum(one.attended == "yes" for one in listed)
    waiting = len(listed) - sum(said.values())
    scored = sum(bool(one.score) for one in listed)
    return {"invited": len(listed), **said, "waiting": waiting, "came": came, "scored": scored}


def told(speech: Speech, problems: Sequence[Problem]) -> list[Problem]:
    return [_row(speech, one) for one in problems]


def _row(speech: Speech, problem: Problem) -> Problem:
    key, said = _SAID.find(problem.message)
    if not key:
        (row,) = rows.told(speech, [problem])
        return row
    if "column" in said:
        said["column"] = speech.say(f"trainings.{said['column']}")
    return Problem(problem.file, problem.line, speech.say(key, **said))
