"""Every conversation played on two releases: which go otherwise than before, and which can no longer be held.

What is compared is what people would hear, before and after; nothing written down has to be brought up to date.
"""

import asyncio
from collections.abc import Iterator, Mapping
from difflib import ndiff

from msgspec import Struct

from bot.config import Settings
from bot.flow.release import Release
from bot.services.editing.line import PureLine
from bot.services.editing.talk import Talk, play, read


class Course(Struct, frozen=True):
    """One conversation as it goes now and as it would go; `broken` says what stops it."""

    name: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    broken: str = ""

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def lines(self) -> Iterator[tuple[str, str]]:
        """The lines of both, each with `-` (no longer), `+` (new) or a space (as before)."""
        return ((line[0], line[2:]) for line in ndiff(self.before, self.after) if line[0] != "?")


async def rehearse(
    settings: Settings, written: Mapping[str, str], before: Release, after: Release
) -> list[Course]:
    """All conversations, on both releases."""
    courses = []
    for name, text in written.items():
        for talk in read(text):
            courses.append(await _course(settings, name, talk, before, after))
            await asyncio.sleep(0)  # callers come first
    return courses


async def _course(settings: Settings, name: str, talk: Talk, before: Release, after: Release) -> Course:
    was, failed = await _played(settings, talk, before)
    now, fails = await _played(settings, talk, after)
    return Course(name, talk.title, was, now, "" if failed else fails or _cut_short(was, now))


async def _played(settings: Settings, talk: Talk, release: Release) -> tuple[tuple[str, ...], str]:
    """What is said and heard, and what stopped it."""
    lines: list[str] = []
    try:
        async for line in play(talk, PureLine(settings, release, talk)):
            lines.append(line)  # noqa: PERF401 - what was heard before it stopped is shown too
    except Exception as error:  # noqa: BLE001 - whatever a draft does wrong is for its author to read
        return tuple(lines), f"{type(error).__name__}: {error}"
    return tuple(lines), ""


def _cut_short(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """What was kept at the end before, and is kept no more."""
    kinds = [[line.split()[1] for line in lines if line.startswith("   kept: ")] for lines in (before, after)]
    lost = sorted(set(kinds[0]) - set(kinds[1]))
    return f"kept no more: {', '.join(lost)}" if lost else ""
