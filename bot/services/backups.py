"""A backup file: what it was made of, the archive, the parts of the store, and an end that says it is whole."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO, cast

from msgspec import DecodeError, Struct, msgpack

from bot.services import locks
from bot.store.archived import NOWHERE
from bot.store.archives import Archives
from bot.store.copies import Copies, Part, Restless

VARIABLE = "KUNNAFONI_BACKUP__PASSPHRASE"
FORMAT = 2
FORMATS = frozenset({1, 2})
"""Of those we can read, the first has no archive."""
LONGEST = 1 << 30
"""Bytes of one part: a shard of a whole country has some 20 million a year."""
PIECE = 4 << 20
"""Bytes of an archive file in one frame."""
_SIZE = 8
Told = Callable[[int], None]
"""Hears how many keys were done so far."""


class BackupError(Exception):
    """What is wrong with a backup file, and what to do."""


class Header(Struct, frozen=True, tag="kunnafoni"):
    """What a backup was made of."""

    schema: int
    shards: int
    made: int
    """Unix ms."""
    format: int = FORMAT


class Piece(Struct, frozen=True, tag="archive"):
    """Some bytes of a file of the archive, behind those before."""

    name: str
    held: bytes


class End(Struct, frozen=True, tag="end"):
    """Written last: a file without it was cut short."""

    parts: int
    keys: int


Frame = Header | Piece | Part | End
_frame = msgpack.Decoder(Frame)


async def back_up(
    copies: Copies,
    header: Header,
    file: Path,
    told: Told,
    passphrase: str = "",
    archives: Sequence[Path] = (),
) -> int:
    """Writes everything to a file that appears when it is whole, locked if there is a passphrase. How many keys.

    The archive's lock is held: what is moved there between two parts would be in neither.
    """
    unfinished = file.with_name(f"{file.name}.part")
    parts = keys = 0
    with _new(unfinished, passphrase) as out:
        _put(out, header)
        for piece in _pieces(archives):
            _put(out, piece)
            parts += 1
        try:
            async for part in copies.read():
                _put(out, part)
                parts, keys = parts + 1, keys + len(part.keys)
                told(keys)
        except Restless as error:
            raise BackupError("the store did not hold still: back up at a quieter hour") from error
        _put(out, End(parts, keys))
    unfinished.replace(file)
    return keys


def _pieces(archives: Iterable[Path]) -> Iterator[Piece]:
    for path in archives:
        with path.open("rb") as held:
            while some := held.read(PIECE):
                yield Piece(path.name, some)


def check(file: Path, passphrase: str = "") -> Header:
    """Reads a backup through before anything is done with it. Raises BackupError for one that is not whole."""
    frames = _frames(file, passphrase)
    header = next(frames, None)
    if not isinstance(header, Header) or header.format not in FORMATS:
        raise BackupError(f"{file}: no backup of Kunnafoni, or one of a newer version")
    parts = keys = 0
    for frame in frames:
        if isinstance(frame, Part):
            parts, keys = parts + 1, keys + len(frame.keys)
        elif isinstance(frame, Piece):
            parts += 1
        elif frame == End(parts, keys):
            return header
    raise BackupError(f"{file}: this backup was cut short: take another")


async def restore(
    copies: Copies, file: Path, now: int, told: Told, passphrase: str = "", archives: Archives = NOWHERE
) -> int:
    """Puts a backup that was checked into an empty store, and its archive into an empty folder. How many keys."""
    await copies.begin()
    for name, pieces in groupby(_held(file, passphrase), attrgetter("name")):
        with archives.putting(name) as out:
            out.writelines(piece.held for piece in pieces)
    last = {part.label: number for number, part in enumerate(_parts(file, passphrase))}
    keys = 0
    for number, part in enumerate(_parts(file, passphrase)):
        if last[part.label] == number:
            await copies.write(part, now)
            keys += len(part.keys)
            told(keys)
    await copies.end()
    return keys


def _held(file: Path, passphrase: str) -> Iterator[Piece]:
    return (frame for frame in _frames(file, passphrase) if isinstance(frame, Piece))


def _parts(file: Path, passphrase: str) -> Iterator[Part]:
    return (frame for frame in _frames(file, passphrase) if isinstance(frame, Part))


@contextmanager
def _new(path: Path, passphrase: str) -> Iterator[IO[bytes]]:
    """A packed file, locked if there is a passphrase, that only its owner reads; on disk when it is left."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as raw:
        with (
            locks.locked(raw, passphrase) if passphrase else nullcontext(raw) as plain,
            gzip.GzipFile(filename="", fileobj=plain, mode="wb", compresslevel=6) as out,
        ):
            yield cast("IO[bytes]", out)
        raw.flush()
        os.fsync(raw.fileno())


def _put(out: IO[bytes], frame: Frame) -> None:
    told = msgpack.encode(frame)
    out.write(len(told).to_bytes(_SIZE, "big"))
    out.write(told)


@contextmanager
def _opened(file: Path, passphrase: str) -> Iterator[IO[bytes]]:
    with file.open("rb") as raw:
        if not locks.is_locked(raw):
            yield raw
        elif passphrase:
            with locks.unlocked(raw, passphrase) as plain:
                yield plain
        else:
            raise BackupError(f"{file}: this backup is locked: set {VARIABLE}")


def _frames(file: Path, passphrase: str) -> Iterator[Frame]:
    """Raises BackupError for what is no backup, was damaged, or ends in the middle of a part."""
    try:
        with _opened(file, passphrase) as plain, gzip.GzipFile(fileobj=plain) as packed:
            while head := packed.read(_SIZE):
                size = int.from_bytes(head, "big")
                told = packed.read(min(size, LONGEST))
                if len(head) != _SIZE or len(told) != size:
                    raise BackupError(f"{file}: this backup was cut short: take another")
                yield _frame.decode(told)
    except locks.LockError as error:
        raise BackupError(f"{file}: {VARIABLE} does not open it, or it is damaged ({error})") from error
    except (gzip.BadGzipFile, zlib.error, EOFError, DecodeError, UnicodeDecodeError) as error:
        raise BackupError(f"{file}: this backup is damaged, or is none ({error}): take another") from error
