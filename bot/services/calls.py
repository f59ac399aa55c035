"""One USSD call as a worker remembers it, and its transcript taken apart into what was typed."""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from bot.flow import engine
from bot.flow.run import Run
from bot.messages import Inbound, Reply
from bot.store.sessions import Pin

if TYPE_CHECKING:
    import asyncio


CALLS_KEPT, ENDED_KEPT = 20_000, 1_000


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
        self.left: tuple[Run, Pin] | None = None
        """What she left unfinished: still her draft, and kept as a partial report when she begins another."""


class Calls:
    """The calls that a worker remembers; of those that are over, some, for a network that asks again."""

    def __init__(self) -> None:
        self._live: OrderedDict[tuple[str, str], Call] = OrderedDict()
        self._ended: OrderedDict[tuple[str, str], Call] = OrderedDict()

    def get(self, inbound: Inbound) -> Call | None:
        name = inbound.id, inbound.msisdn
        return self._live.get(name) or self._ended.get(name)

    def keep(self, call: Call) -> None:
        _put(self._live, call, CALLS_KEPT)

    def over(self, call: Call) -> None:
        """Its place, and its memory, are for the next caller."""
        if self._live.get((call.session, call.msisdn)) is call:
            del self._live[call.session, call.msisdn]
        _put(self._ended, call, ENDED_KEPT)

    def forget(self, inbound: Inbound) -> None:
        """What is remembered of a call that failed may be ahead of the store: the next request looks again."""
        for calls in self._live, self._ended:
            calls.pop((inbound.id, inbound.msisdn), None)


def _put(calls: OrderedDict[tuple[str, str], Call], call: Call, most: int) -> None:
    calls[call.session, call.msisdn] = call
    if len(calls) > most:
        calls.popitem(last=False)


def told(said: Sequence[str], text: str) -> tuple[int, str | None]:
    """How many of these inputs a transcript begins with, and what follows them (None: nothing).

    An input may hold `*` itself, so only what we have seen tells where one ends.
    """
    if not text:
        return 0, None
    if (
        (whole := "*".join(said))
        and text.startswith(whole)
        and text[len(whole) : len(whole) + 1] in ("", "*")
    ):
        return len(said), text[len(whole) + 1 :] if len(text) > len(whole) else None  # as a rule
    at = 0
    for count, typed in enumerate(said):
        end = at + len(typed)
        if text[at:end] != typed or text[end : end + 1] not in ("", "*"):
            return count, text[at:]
        at = end + 1
        if at > len(text):
            return count + 1, None
    return len(said), text[at:]


def inputs_of(call: Call, rest: str) -> tuple[str, ...]:
    """What was typed after all that we know of: one input, unless she dialled past the menu or we missed a step."""
    parts = tuple(rest.split("*"))
    if len(parts) == 1 or (call.began.deep and not call.said):
        return parts
    missed = not _taken(call.run, (rest,)) and _taken(call.run, parts)
    return parts if missed else (rest,)


def _taken(run: Run, inputs: Sequence[str]) -> bool:
    """Whether each of these would be an answer."""
    for typed in inputs:
        run = engine.step(run, typed)
        if run.wrong:
            return False
    return True


def digest(text: str, size: int = 12) -> str:
    """A transcript, or another long name, in a few letters: `size` bytes of it, in hexadecimal."""
    return blake2b(text.encode(), digest_size=size).hexdigest()


def raw_of(call: Call) -> str:
    """What was typed; of a secret, only that it was."""
    if any(given.startswith(engine.SEALED) for given in call.run.given):
        return typed(call.run.given)
    draft = call.began.unfinished() if call.pin is not call.began else None
    return "*".join((typed(draft.given), *call.said[1:])) if draft else call.text


def typed(given: Sequence[str]) -> str:
    """The answers of a conversation as they were typed, on whatever channel."""
    shown = (
        "****" if text.startswith(engine.SEALED) else text.removeprefix(engine.STARTED) for text in given
    )
    return "*".join(shown)
