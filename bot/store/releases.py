"""The published releases: every one that ever was, immutable and numbered, and which is the current one."""

from collections.abc import Mapping

from msgspec import Struct, json

from bot.flow.release import Release, Source
from bot.store.functions import Functions
from bot.store.keys import FILES, RELEASES


class Published(Struct, frozen=True):
    """A release as it is kept: its files, and the version and digest of each flow in it."""

    number: int
    source: Source
    versions: dict[str, int]
    digests: dict[str, str]
    at: int
    by: str
    comment: str = ""


class Head(Struct, frozen=True):
    """A release without what is in it."""

    number: int
    at: int
    by: str
    comment: str = ""


class Releases:
    """Releases in the store; each is compiled once in this process."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._compiled: dict[int, Release] = {}
        self._heads: dict[int, Head] = {}
        self.current = 0
        """The number that new conversations begin on, as of the last `refresh`; 0 before the first."""

    async def refresh(self) -> int:
        """Looks which release is current, and makes it ready."""
        number = int(await self._functions.line.call("HGET", RELEASES, "current") or 0)
        if number:
            await self.need(number)
        self.current = number
        return number

    async def need(self, number: int) -> Release:
        """Makes a release ready for `find`. Raises KeyError for a number that never was."""
        if number not in self._compiled:
            published = await self.published(number)
            self._compiled[number] = Release(published.source, number, published.versions)
        return self._compiled[number]

    def find(self, number: int) -> Release:
        """A release made ready before."""
        return self._compiled[number]

    async def published(self, number: int) -> Published:
        found = await self._functions.line.call("HGET", RELEASES, number)
        if found is None:
            raise KeyError(f"release {number}")
        return json.decode(found, type=Published)

    async def publish(self, release: Release, at: int, by: str, comment: str = "") -> int:
        """Makes this the current release, unless its files are that already; its number."""
        while True:
            number = int(await self._functions.line.call("HGET", RELEASES, "current") or 0)
            before = await self.published(number) if number else None
            if before and before.source.digest() == release.source.digest():
                return self._adopt(release, number, before.versions)
            if await self._publish(release, before, at, by, comment):
                return number + 1

    async def publish_upon(self, upon: int, release: Release, at: int, by: str, comment: str) -> bool:
        """Makes this the release after that one; False when another came first."""
        return await self._publish(release, await self.published(upon), at, by, comment)

    async def history(self) -> list[Head]:
        """All that was published, the latest first. A release is long and never changes: it is read once."""
        last = int(await self._functions.line.call("HGET", RELEASES, "current") or 0)
        for number in range(1, last + 1):
            if number not in self._heads:
                found = await self._functions.line.call("HGET", RELEASES, number)
                self._heads[number] = json.decode(found, type=Head)
        return [self._heads[number] for number in range(last, 0, -1)]

    async def files(self) -> Source | None:
        """The files as they were when they were last published from the folder; None before that."""
        found = await self._functions.line.call("GET", FILES)
        return json.decode(found, type=Source) if found else None

    async def remember_files(self, files: Source) -> None:
        await self._functions.line.call("SET", FILES, json.encode(files))

    async def _publish(
        self, release: Release, before: Published | None, at: int, by: str, comment: str
    ) -> bool:
        number, digests = before.number if before else 0, release.digests()
        versions = _versions(digests, before)
        published = Published(number + 1, release.source, versions, digests, at, by, comment)
        if not await self._functions.call("k_publish", [RELEASES], number, json.encode(published)):
            return False
        self._adopt(release, number + 1, versions)
        return True

    def _adopt(self, release: Release, number: int, versions: Mapping[str, int]) -> int:
        release.number, release.versions = number, dict(versions)
        self._compiled[number] = release
        self.current = number
        return number


def _versions(digests: Mapping[str, str], before: Published | None) -> dict[str, int]:
    """A flow whose questions or words have changed is a new version of it."""
    if before is None:
        return dict.fromkeys(digests, 1)
    return {
        name: before.versions.get(name, 0) + (before.digests.get(name) != digest)
        for name, digest in digests.items()
    }
