"""What one SMS does."""

from msgspec import Struct

from bot.flow.effects import Effect
from bot.flow.run import Run
from bot.services import polls
from bot.store.sessions import Pin


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
