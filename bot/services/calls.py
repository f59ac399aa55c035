"""One USSD call as a worker remembers it, and its transcript taken apart into what was typed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.flow.engine import SEALED
from bot.flow.run import Run
from bot.messages import Inbound, Reply
from bot.store.sessions import Pin

if TYPE_CHECKING:
    import asyncio

    from bot.flow.effects import Record


class Call:
    """One USSD call in this worker's memory; any worker can rebuild it from the transcript."""

    __slots__ = (
        "began",
        "drop",
        "keeping",
        "left",
        "msisdn",
        "network",
        "pin",
        "reply",
        "run",
        "said",
        "session",
        "text",
    )

    def __init__(self, inbound: Inbound, pin: Pin, run: Run, said: Sequence[str] = ()) -> None:
        self.msisdn, self.session, self.network = inbound.msisdn, inbound.id, inbound.network
        self.began = pin
        self.pin = pin
        """That of the conversation she is in: another than `began` once a draft is taken up."""
        self.run = run
        self.said = tuple(said)
        self.text = "*".join(said)
        self.reply: Reply | None = None
        self.keeping: asyncio.Future[Reply] | None = None
        self.drop = False
        """The draft she did not want to take up goes."""
        self.left: Record | None = None
        """What she left unfinished for something else: kept as a partial report when that begins."""


def inputs_of(call: Call, text: str) -> tuple[str, ...]:
    """A transcript as the inputs it is made of. An input may hold `*` itself: only what we have seen tells."""
    if call.reply is not None and text.startswith(f"{call.text}*" if call.said else ""):
        # What follows all that this worker has answered is one input.
        return (*call.said, text[len(call.text) + 1 :] if call.said else text)
    at = 0
    seen: list[str] = []
    for typed in call.said:
        end = at + len(typed)
        if text[at:end] != typed or text[end : end + 1] not in ("", "*"):
            break
        seen.append(typed)
        at = end + 1
        if at > len(text):
            return tuple(seen)
    rest = text[at:]
    if not text:
        return ()
    return (*seen, *rest.split("*"))


def raw_of(call: Call) -> str:
    """What was typed; a secret is not."""
    if any(given.startswith(SEALED) for given in call.run.given):
        return "*".join("****" if given.startswith(SEALED) else given for given in call.run.given)
    draft = call.began.unfinished() if call.pin is not call.began else None
    return "*".join((*draft.given, *call.said[1:])) if draft else call.text
