"""What one SMS does."""

from collections.abc import Sequence

from msgspec import Struct

from bot.flow.effects import Effect, Record
from bot.flow.run import Run
from bot.services import polls
from bot.store.sessions import Pin
from bot.store.standing import Standing


class Outcome(Struct, frozen=True):
    """Its reply, what is kept, and the conversation that waits now."""

    reply: str
    effects: tuple[Effect, ...] = ()
    run: Run | None = None
    """Where the conversation stands after it; None: there is none."""
    pin: Pin | None = None
    aside: bool = False
    """The conversation that waits is left as it is."""
    given: tuple[str, ...] = ()
    """All the answers of the conversation that this SMS goes on with; empty when it is a report by itself."""
    fresh: bool = False
    """This is another conversation: what was left of the one that waited is kept as it was."""
    answer: polls.Answer | None = None
    """What it says to the question of a broadcast."""


def taken_back(rows: Sequence[Standing]) -> Record:
    """A report with nothing in its place but what was said before it."""
    cancelled = tuple({**row.answers, "cancelled": "yes"} for row in rows)
    again = tuple(row.prev.answers for row in rows if row.prev is not None)
    kind = rows[0].kind
    return Record(kind, cancelled, kind, corrects=True, void=True, again=again, undoes=rows[0].at)
