"""Whom a broadcast is for: a role, a place, a list, or those who have not yet done something. Pure."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec import Struct, json

from bot.people import ROLES, Contact, Unit
from bot.text.msisdn import NotANumber, parse

NAMED = 10
"""Trainings named to who meant one that is not there."""
Known = Mapping[str, str]
"""What somebody said last of each subject: `12@1763760000000`."""


class Done(Struct, frozen=True):
    """Something that people do: where it is known from, who is asked to do it, and whether it is done."""

    subject: str
    """`checkin`; with `{id}` it is about one thing, as in `--who-has-not training:F-2026-11-30`."""
    asked: Callable[[Contact, str], bool]
    by: Callable[[dt.datetime, dt.datetime], bool]
    """When she said it last, and now, on the programme's clock."""


def _reports(contact: Contact, _: str) -> bool:
    return contact.role == "asc"


def _invited(contact: Contact, session: str) -> bool:
    held = json.decode(contact.training) if contact.training else []
    return session in [one["id"] for one in (held if isinstance(held, list) else [held])]


def _today(said: dt.datetime, now: dt.datetime) -> bool:
    return said.date() == now.date()


def _this_week(said: dt.datetime, now: dt.datetime) -> bool:
    return said.isocalendar()[:2] == now.isocalendar()[:2]


def _this_month(said: dt.datetime, now: dt.datetime) -> bool:
    return (said.year, said.month) == (now.year, now.month)


def _ever(_said: dt.datetime, _now: dt.datetime) -> bool:
    return True


DONE: dict[str, Done] = {
    "checkin": Done("checkin", _reports, _today),
    "stock": Done("stock", _reports, _this_week),
    "payment": Done("payment", _reports, _this_month),
    "training": Done("training:{id}", _invited, _ever),
    "quiz": Done("quiz:{id}", _invited, _ever),
}
"""What `--who-has-not` may ask for; one line each."""


class AudienceError(ValueError):
    """Nobody can be found so: each of `problems` says why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Audience(Struct, frozen=True, omit_defaults=True):
    """All conditions hold together; an empty one is none."""

    roles: tuple[str, ...] = ()
    unit: str = ""
    """A code, or a path of codes: `ML/SEG`, `BLA`."""
    numbers: tuple[str, ...] = ()
    who_has_not: str = ""
    """One of DONE, with the id of what it is about: `checkin`, `training:F-2026-11-30`."""

    def __str__(self) -> str:
        said = {
            "role": ",".join(self.roles),
            "unit": self.unit,
            "list": f"{len(self.numbers)} numbers" if self.numbers else "",
            "who-has-not": self.who_has_not,
        }
        return ", ".join(f"{name} {value}" for name, value in said.items() if value)

    @property
    def subject(self) -> str:
        """What must be known of each contact; empty when nothing."""
        name, _, id_ = self.who_has_not.partition(":")
        return DONE[name].subject.format(id=id_) if name else ""

    def means(self, contact: Contact) -> bool:
        """Whether it is for this contact, whatever she has done."""
        return (
            (not self.roles or contact.role in self.roles)
            and within(contact.path, self.unit)
            and (not self.numbers or contact.msisdn in self.numbers)
        )

    def waits_for(
        self, contact: Contact, known: Known, local: Callable[[int], dt.datetime], now: int
    ) -> bool:
        """Whether she has not yet done what they are asked to do."""
        name, _, id_ = self.who_has_not.partition(":")
        if not name:
            return True
        done, said = DONE[name], known.get(self.subject)
        if not done.asked(contact, id_):
            return False
        return said is None or not done.by(local(int(said.rpartition("@")[2])), local(now))


def within(path: str, unit: str) -> bool:
    """Whether a place is that unit or part of it, named by its code or by codes from above."""
    return not unit or f"/{unit}/" in f"/{path}/"


def problems_of(audience: Audience, units: Mapping[str, Unit], sessions: Collection[str]) -> Iterator[str]:
    """All that keeps it from being found; `sessions` are the ids of the trainings there are."""
    if audience == Audience():
        yield "for whom? Say a role, a unit, a list, or who has not done what"
    yield from (f"no such role: {role} ({', '.join(ROLES)})" for role in audience.roles if role not in ROLES)
    yield from (
        f"no such unit: {code}" for code in audience.unit.split("/") if audience.unit and code not in units
    )
    name, _, id_ = audience.who_has_not.partition(":")
    if name and (name not in DONE or bool(id_) != ("{id}" in DONE[name].subject)):
        forms = ", ".join(done.subject.format(id="ID") for done in DONE.values())
        yield f"--who-has-not {audience.who_has_not}: not known ({forms})"
    elif id_ and id_ not in sessions:
        yield f"--who-has-not {audience.who_has_not}: no such training; there are: {_named(sessions)}"


def _named(sessions: Collection[str]) -> str:
    """The latest of them: those that somebody may mean."""
    more = f" and {len(sessions) - NAMED} more" if len(sessions) > NAMED else ""
    return (", ".join(list(sessions)[-NAMED:]) or "none") + more


def numbers_in(text: str, origin: str) -> tuple[str, ...]:
    """The numbers of a list, one a line, the first cell of each; raises AudienceError for lines that have none."""
    found, problems = [], []
    lines = [
        (number, line.replace(";", ",").split(",")[0]) for number, line in enumerate(text.splitlines(), 1)
    ]
    for number, cell in lines:
        if not cell.strip() or (number == 1 and not any(char.isdigit() for char in cell)):
            continue
        try:
            found.append(parse(cell))
        except NotANumber as error:
            problems.append(f"{origin}:{number}: {error.reason}")
    if problems:
        raise AudienceError(problems)
    return tuple(dict.fromkeys(found))
