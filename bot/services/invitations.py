"""What a contact is invited to, as she keeps it; which of it the flow asks about today."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct, json

QUIZ_FOR = timedelta(120)
"""How long after a training its quiz is the one she is asked."""


class Invitation(Struct, frozen=True, omit_defaults=True):
    """A session as an invited contact keeps it, for the flow; `date` is on the programme's clock."""

    id: str
    topic: str
    place: str
    date: str
    """`2026-11-30T08:00`."""
    ends: str = ""
    """Its last day; empty: the day it begins."""
    quiz: str = ""
    state: str = "planned"
    invited: str = ""
    """The day she was."""
    attended: str = ""
    """`yes`, `no`, or not noted."""

    @property
    def last(self) -> str:
        return self.ends or self.date[:10]


_Held = Invitation | list[Invitation]


def invitations(held: str) -> list[Invitation]:
    """Her invitations, the earliest session first."""
    if not held:
        return []
    found = json.decode(held, type=_Held)
    return sorted(found if isinstance(found, list) else [found], key=lambda one: (one.date, one.id))


def coming(held: Sequence[Invitation], today: date) -> Invitation | None:
    """The next session that is not over."""
    planned = (one for one in held if one.state == "planned" and one.last >= today.isoformat())
    return next(planned, None)


def latest(held: Sequence[Invitation], today: date) -> Invitation | None:
    """The session whose quiz she may take: the last that has begun, while it is not long ago, else the next one."""
    days = ((today - QUIZ_FOR).isoformat(), today.isoformat())
    begun = [one for one in held if one.state == "planned" and days[0] <= one.date[:10] <= days[1]]
    return begun[-1] if begun else coming(held, today)
