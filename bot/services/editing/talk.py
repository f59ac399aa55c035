"""Conversations as text: read as they are written in tests/conversations, played on a line, written down again."""

from collections.abc import AsyncIterator, Iterable
from typing import Protocol

from msgspec import Struct, field

HEADERS = ("as", "asked", "lang", "holds", "known", "training", "letters", "network", "team")
SPOKEN = ("phone", "sms", "dials")


class Talk(Struct):
    """One conversation: who is calling, and the lines she says."""

    title: str
    headers: dict[str, str] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)


class Heard(Struct):
    """What comes back from one line: the screen or the SMS, and what was kept, set and told because of it."""

    text: str
    over: bool = False
    kept: list[str] = field(default_factory=list)


class Line(Protocol):
    """Something to talk to: the pure core, or the gateway over HTTP."""

    async def dial(self) -> Heard: ...
    async def type(self, text: str) -> Heard: ...
    async def sms(self, text: str) -> Heard: ...


def read(written: str) -> list[Talk]:
    """The conversations of a file; each begins with a line `# title`."""
    talks: list[Talk] = []
    for line in written.splitlines():
        word, _, rest = line.strip().partition(":")
        if line.startswith("# "):
            talks.append(Talk(line[2:]))
        elif word in HEADERS and not line.startswith(" "):
            talks[-1].headers[word] = rest.strip()
        elif word in SPOKEN and line.startswith("  ") and not line.startswith("   "):
            talks[-1].said.append((word, rest.removeprefix(" ")))
    return talks


async def play(talk: Talk, line: Line) -> AsyncIterator[str]:
    """Says each line and writes down what comes back."""
    yield f"# {talk.title}"
    for word, value in talk.headers.items():
        yield f"{word}: {value}"
    for word, text in talk.said:
        if word == "dials":
            heard = await line.dial()
            yield "  dials:"
        elif word == "phone":
            heard = await line.type(text)
            yield f"  phone: {text}"
        else:
            heard = await line.sms(text)
            yield f"  sms: {text}"
        for written in _written(word, heard):
            yield written


def _written(word: str, heard: Heard) -> Iterable[str]:
    label = "  reply: " if word == "sms" else "    end: " if heard.over else "    bot: "
    for number, shown in enumerate(heard.text.split("\n")):
        yield (label if number == 0 else " " * len(label)) + shown
    for kept in heard.kept:
        yield f"   {kept}"
