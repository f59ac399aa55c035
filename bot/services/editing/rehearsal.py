"""Every conversation played on two releases: which go otherwise than before, and which can no longer be held.

What is compared is what people would hear, before and after; nothing written down has to be brought up to date. A
question that is new is answered by the rehearsal itself, so that whoever adds one finds her conversations still held.
"""

import asyncio
from collections.abc import Iterator, Mapping
from difflib import ndiff

from msgspec import Struct

from bot.config import Settings
from bot.flow import engine
from bot.flow.release import Release
from bot.flow.run import Run
from bot.services import conversation
from bot.services.editing.line import PureLine
from bot.services.editing.talk import Heard, Talk, play, read
from bot.store.sessions import Draft

MOST = 20
"""New questions in a row that are answered."""


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
    now, fails = await _played(settings, talk, after, before)
    return Course(name, talk.title, was, now, "" if failed else fails or _cut_short(was, now))


class Rehearsal(PureLine):
    """The line of a draft: what the release before it does not ask is answered with the first answer that fits."""

    def __init__(self, settings: Settings, release: Release, talk: Talk, known: Release) -> None:
        super().__init__(settings, release, talk)
        self.asked = {(flow.name, ask.saved_as) for flow in known.flows.values() for ask in flow.asks()}

    async def dial(self) -> Heard:
        return await self._past_what_is_new(await super().dial())

    async def type(self, text: str) -> Heard:
        return await self._past_what_is_new(await super().type(text))

    async def sms(self, text: str) -> Heard:
        heard = await super().sms(text)
        for _ in range(MOST):
            answer = self._first_answer(self._taken_up(self.draft)) if self.draft else ""
            if not answer:
                break
            heard = _both(heard, answer, await super().sms(answer))
        return heard

    async def _past_what_is_new(self, heard: Heard) -> Heard:
        for _ in range(MOST):
            answer = self._first_answer(self.run)
            if not answer:
                break
            heard = _both(heard, answer, await super().type(answer))
        return heard

    def _taken_up(self, draft: Draft) -> Run:
        return conversation.take_up(self.programme, self._find, self.msisdn, draft, self.medium)

    def _first_answer(self, run: Run) -> str:
        """One that the question takes; empty where none is waited for, or the question is not new."""
        place = self.release.places.get((run.flow, run.state))
        if engine.over(run) or place is None or (run.flow, place.ask.saved_as) in self.asked:
            return ""
        samples = place.question.samples(run, place.ask.exits)
        return next((text for text in samples if engine.step(run, text).state != run.state), "")


def _both(heard: Heard, answer: str, more: Heard) -> Heard:
    return Heard(f"{heard.text}\n> {answer}\n{more.text}", more.over, [*heard.kept, *more.kept])


async def _played(
    settings: Settings, talk: Talk, release: Release, known: Release | None = None
) -> tuple[tuple[str, ...], str]:
    """What is said and heard, and what stopped it."""
    lines: list[str] = []
    try:
        phone = (
            PureLine(settings, release, talk) if known is None else Rehearsal(settings, release, talk, known)
        )
        async for line in play(talk, phone):
            lines.append(line)  # noqa: PERF401 - what was heard before it stopped is shown too
    except Exception as error:  # noqa: BLE001 - whatever a draft does wrong is for its author to read
        return tuple(lines), f"{type(error).__name__}: {error}"
    return tuple(lines), ""


def _cut_short(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """What was kept at the end before, and is kept no more."""
    kinds = [[line.split()[1] for line in lines if line.startswith("   kept: ")] for lines in (before, after)]
    lost = sorted(set(kinds[0]) - set(kinds[1]))
    return f"kept no more: {', '.join(lost)}" if lost else ""
