"""Where a draft is written, looked over, published and taken back; its law: nobody's work goes without a word."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from bot.config import Settings
from bot.flow.definition import FlowError, Problem
from bot.flow.release import Release, Source
from bot.services.editing.costs import Audience
from bot.services.editing.findings import Findings, compiled, findings
from bot.services.editing.impossible import Impossible
from bot.services.editing.merge import merge
from bot.store.contacts import Contacts
from bot.store.drafts import Draft, Drafts
from bot.store.releases import Head, Published, Releases

Change = Callable[[Source], Source]
REMEMBERED: Final = 4
"""Drafts looked over whose findings are kept."""

COUNTED: Final = 60_000
"""Milliseconds for which the roster need not be counted again."""


class Opened(Struct, frozen=True):
    """The draft as it is now; where none is open, the current release as one would begin from it."""

    version: int
    draft: Draft
    begun: bool
    """Whether somebody has begun one."""


class Made(Struct, frozen=True):
    """A source as it would run; None when it would not."""

    release: Release | None
    problems: tuple[Problem, ...]


class Overtaken(Exception):  # noqa: N818 - the editor's answer, not an error of the program
    """Somebody else saved first; what they made of it."""

    def __init__(self, now: Opened) -> None:
        super().__init__(f"version {now.version} was saved by {now.draft.by}")
        self.now = now


class Unready(Exception):  # noqa: N818 - the editor's answer, not an error of the program
    """What is wrong with a draft that was to be published."""

    def __init__(self, found: Findings) -> None:
        super().__init__("\n".join(map(str, found.errors)))
        self.found = found


class Editing:
    """The desk of all editors."""

    def __init__(
        self,
        drafts: Drafts,
        releases: Releases,
        contacts: Contacts,
        settings: Settings,
        conversations: Mapping[str, str],
        clock: Callable[[], int],
    ) -> None:
        """`conversations`: what each release is rehearsed on, by file name."""
        self._drafts = drafts
        self._releases = releases
        self._contacts = contacts
        self._settings = settings
        self._conversations = conversations
        self._clock = clock
        self.two_people = settings.console.two_people
        """No editor of a draft publishes it."""
        self._found: dict[tuple[int, str], Findings] = {}
        self._made: dict[str, Made] = {}
        self._counted: tuple[int, Audience] | None = None

    async def open(self) -> Opened:
        held = await self._drafts.held()
        if held.draft is not None:
            return Opened(held.version, held.draft, begun=True)
        now = await self._current()
        return Opened(held.version, Draft(now.number, now.source, now.at, now.by), begun=False)

    async def made(self, source: Source) -> "Made":
        """The source compiled, if it can be, and all that is wrong with it."""
        digest = source.digest()
        if digest not in self._made:
            self._made[digest] = Made(*await asyncio.to_thread(compiled, source, self._settings))
            while len(self._made) > REMEMBERED:
                self._made.pop(next(iter(self._made)))
        return self._made[digest]

    async def tried(self, source: Source) -> "Made":
        """A source that is only looked at while it is written: compiled without its lints, and not remembered."""
        return await asyncio.to_thread(_tried, source)

    async def change(self, seen: int, by: str, what: str, change: Change) -> Opened:
        """The draft with one change more. Raises Overtaken, and Impossible for what cannot be done."""
        now = await self._as_seen(seen)
        source = await asyncio.to_thread(change, now.draft.source)
        if source == now.draft.source:
            return now
        return await self._save(seen, self._written(now.draft, source, by, what))

    async def undo(self, seen: int, by: str) -> Opened:
        """The draft as it was before its last change. Raises Overtaken, Impossible when there is nothing before it."""
        now = await self._as_seen(seen)
        last = seen - 1 - bool(now.draft.asked_by)  # to ask for its publication was no change
        before = (await self._drafts.held(last)).draft if last > 0 else None
        if not now.begun:
            raise Impossible("nothing_to_undo")
        source = before.source if before else (await self._releases.published(now.draft.base)).source
        # Upon the release that it was written upon: one that was caught up with is not in it any more.
        base = before.base if before else now.draft.base
        return await self._save(seen, replace(self._written(now.draft, source, by, "undo"), base=base))

    async def discard(self, seen: int) -> None:
        """Gives the draft up. Raises Overtaken."""
        await self._as_seen(seen)
        if not await self._drafts.save(seen, None):
            raise Overtaken(await self.open())

    async def catch_up(self, seen: int, by: str) -> tuple[Opened, tuple[str, ...]]:
        """The draft upon the current release, and what both had changed, which stays as the draft has it."""
        now = await self._as_seen(seen)
        base = await self._releases.published(now.draft.base)
        current = await self._current()
        merged = merge(base.source, now.draft.source, current.source)
        draft = self._written(now.draft, merged.source, by, "catch_up")
        return await self._save(seen, replace(draft, base=current.number)), merged.both

    async def look_over(self, opened: Opened) -> Findings:
        """What the draft would do, against the current release."""
        now = await self._current()
        asked = (now.number, opened.draft.source.digest())
        if asked not in self._found:
            audience = await self._audience()
            release = await self._releases.need(now.number)
            found = await findings(
                self._settings, self._conversations, release, opened.draft.source, audience
            )
            self._found[asked] = found
            while len(self._found) > REMEMBERED:
                self._found.pop(next(iter(self._found)))
        return self._found[asked]

    async def _audience(self) -> Audience:
        """Who there is, as of a minute ago at most: a country's roster is long."""
        now = self._clock()
        if self._counted is None or now - self._counted[0] > COUNTED:
            self._counted = now, Audience.of([contact async for contact in self._contacts.contacts()])
        return self._counted[1]

    async def ask(self, seen: int, by: str, comment: str) -> Opened:
        """Asks another person to publish the draft as it is. Raises Overtaken, Impossible without a reason."""
        now = await self._as_seen(seen)
        if not comment.strip():
            raise Impossible("comment_needed")
        if not now.begun:
            raise Impossible("nothing_to_publish")
        return await self._save(seen, replace(now.draft, asked_by=by, asked=comment.strip()))

    async def publish(self, seen: int, by: str, comment: str) -> int:
        """Makes the draft the next release; its number. Raises Overtaken, Unready, Impossible."""
        now = await self._as_seen(seen)
        if not comment.strip():
            raise Impossible("comment_needed")
        if self.two_people and by in now.draft.editors:
            raise Impossible("another_person")
        if now.draft.base != (await self._current()).number:
            raise Impossible("published_meanwhile")
        found = await self.look_over(now)
        if not found.ready:
            raise Unready(found)
        number = await self._publish(now.draft.base, now.draft.source, by, comment)
        await self._drafts.save(seen, None)
        return number

    async def roll_back(self, number: int, by: str, comment: str) -> int:
        """Publishes a former release once more, as a new one; its number. Raises Impossible."""
        try:
            former = await self._releases.published(number)
        except KeyError as unknown:
            raise Impossible("no_release", number=number) from unknown
        now = await self._current()
        if former.source == now.source:
            raise Impossible("same_release", number=number)
        return await self._publish(now.number, former.source, by, comment)

    async def history(self) -> list[Head]:
        """All that was published, the latest first."""
        return await self._releases.history()

    async def _publish(self, upon: int, source: Source, by: str, comment: str) -> int:
        if not await self._releases.publish_upon(upon, Release(source), self._clock(), by, comment.strip()):
            raise Impossible("published_meanwhile")
        return await self._releases.refresh()  # whoever is answered next in this process hears it already

    async def _current(self) -> Published:
        return await self._releases.published(await self._releases.refresh())

    async def _as_seen(self, seen: int) -> Opened:
        now = await self.open()
        if now.version != seen:
            raise Overtaken(now)
        return now

    def _written(self, draft: Draft, source: Source, by: str, what: str) -> Draft:
        editors = tuple(dict.fromkeys((*draft.editors, by)))
        return Draft(draft.base, source, self._clock(), by, editors, what)

    async def _save(self, seen: int, draft: Draft) -> Opened:
        if not await self._drafts.save(seen, draft):
            raise Overtaken(await self.open())
        return Opened(seen + 1, draft, begun=True)


def _tried(source: Source) -> Made:
    try:
        return Made(Release(source), ())
    except FlowError as error:
        return Made(None, tuple(sorted(error.problems)))
