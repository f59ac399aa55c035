"""Archive files: a ZIP a kind and month, in it JSON Lines a shard; one is replaced whole, or not at all.

Whoever changes a file, or moves anything into one, holds the folder's lock from the first reading to the last write.
"""

import asyncio
import fcntl
import os
import struct
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from bot.store.embedded import StoreError
from bot.store.keys import Shard

AT_ONCE = 500
"""Lines read at once, away from the loop."""
PATIENCE = 900.0
"""Seconds a command waits for whoever is at the files."""
Change = Callable[[bytes], bytes]
"""A line → another, or the same."""
_POLL = 0.05
_DAMAGED = (BadZipFile, EOFError, KeyError, OSError, RuntimeError, ValueError, struct.error, zlib.error)
"""What a reader of zips says of one that is not as it was written; each shard has its part in it, if an empty one."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time a ZIP calls none: the same rows make the same file."""


class Busy(StoreError):  # noqa: N818 - a state of the files: try again
    """Somebody else is at the archive files."""


class Missing(StoreError):  # noqa: N818 - said of a file
    """What the store says was archived is not in this folder."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} is not here, and the store says that it was archived: bring the archive folder to this "
            "machine, or run this where it is ([store] data; docs/operating.md, Archives)"
        )


class Archives:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def held(self, patience: float = PATIENCE) -> AsyncIterator[None]:
        """Alone at the files. Raises Busy after so many seconds."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            await _take(lock, patience, self.folder)
            yield
        finally:
            os.close(lock)

    def file(self, kind: str, month: str) -> Path:
        return self.folder / f"{kind}-{month}.zip"

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*-[0-9]*.zip"))

    def months(self, kind: str) -> list[str]:
        return [file.stem.rpartition("-")[2] for file in self.files() if file.stem.startswith(f"{kind}-")]

    def lines(self, kind: str, month: str, shard: Shard) -> Iterator[bytes]:
        """What is in the file of one shard. Raises Missing, and StoreError for a damaged one."""
        return _lines(self.file(kind, month), _section(shard))

    async def read(self, kind: str, month: str, shard: Shard) -> AsyncIterator[bytes]:
        """The same, a chunk at a time in a thread."""
        source = self.lines(kind, month, shard)
        while some := await asyncio.to_thread(lambda: list(islice(source, AT_ONCE))):
            for line in some:
                yield line

    @contextmanager
    def writing(self, kind: str, month: str) -> Iterator["Writer"]:
        """A new file in place of the old, once `Writer.done` was called; nothing otherwise."""
        with _new(self.file(kind, month)) as writer:
            yield writer

    def rewrite(self, file: Path, shards: Iterable[Shard], change: Change) -> int:
        """A file with other lines in place of some; how many. The lock is held."""
        kind, _, month = file.stem.rpartition("-")
        many = 0
        with self.writing(kind, month) as writer:
            for shard in shards:
                before = list(self.lines(kind, month, shard))
                after = [change(line) for line in before]
                many += sum(old != new for old, new in zip(before, after, strict=True))
                with writer.section(shard) as out:
                    out.writelines(after)
            if many:
                writer.done()
        return many

    @contextmanager
    def putting(self, name: str) -> Iterator[IO[bytes]]:
        """A file as it was, out of a backup."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.folder / f"{Path(name).name}.part"
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            yield raw
            _settled(raw, part, self.folder / Path(name).name)


class Writer:
    """A file that is being written, shard by shard."""

    def __init__(self, raw: IO[bytes], part: Path, file: Path) -> None:
        self._raw = raw
        self._part = part
        self._file = file
        self._zip = ZipFile(raw, "w", ZIP_DEFLATED)

    @contextmanager
    def section(self, shard: Shard) -> Iterator[IO[bytes]]:
        name = ZipInfo(_section(shard), _EPOCH)
        name.compress_type = ZIP_DEFLATED
        with self._zip.open(name, "w", force_zip64=True) as out:
            yield out

    def done(self) -> None:
        """On disk, and in the place of the old one."""
        self._zip.close()
        _settled(self._raw, self._part, self._file)

    def leave(self) -> None:
        with suppress(OSError):  # a full disk was told already
            self._zip.close()
        self._part.unlink(missing_ok=True)


@contextmanager
def _new(file: Path) -> Iterator[Writer]:
    part = file.with_name(f"{file.name}.part")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
        writer = Writer(raw, part, file)
        try:
            yield writer
        finally:
            writer.leave()


def _settled(raw: IO[bytes], part: Path, file: Path) -> None:
    """Written, then named, then the name written: a power cut leaves the old file or the new."""
    raw.flush()
    os.fsync(raw.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _section(shard: Shard) -> str:
    return f"s{shard.number:02d}.jsonl"


def _lines(file: Path, section: str) -> Iterator[bytes]:
    try:
        with ZipFile(file) as packed, packed.open(section) as lines:
            yield from lines
    except FileNotFoundError as error:
        raise Missing(file) from error
    except _DAMAGED as error:
        raise StoreError(f"{file} is damaged ({error}): put it back from a backup") from error


async def _take(lock: int, patience: float, folder: Path) -> None:
    clock = asyncio.get_running_loop().time
    until = clock() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock() >= until:
                raise Busy(f"somebody else is at the files in {folder}: try again later") from None
            await asyncio.sleep(_POLL)
        else:
            return
