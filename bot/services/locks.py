"""A file locked with a passphrase, in the age format, as it is written: a gigabyte needs no more memory than a page.

Three parts: a line that says so and how long the next part is; a key of this file alone, itself locked with the
passphrase; the contents, locked to that key. The second and the third are each an age file that the `age` tool opens.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import Thread
from typing import IO, Any

import pyrage

MARK = b"kunnafoni-locked "
_DIGITS = 8


class LockError(Exception):
    """The passphrase does not open it, or it is damaged."""


def is_locked(file: IO[bytes]) -> bool:
    """Whether what comes next is locked; nothing is read."""
    at = file.tell()
    head = file.read(len(MARK))
    file.seek(at)
    return head == MARK


@contextmanager
def locked(out: IO[bytes], passphrase: str) -> Iterator[IO[bytes]]:
    """Write into what it yields; it is locked on its way to `out`."""
    own = pyrage.x25519.Identity.generate()
    key = pyrage.passphrase.encrypt(str(own).encode(), passphrase)
    out.write(MARK + b"%0*d\n" % (_DIGITS, len(key)) + key)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as target:
        done = _aside(lambda: pyrage.encrypt_io(source, out, [own.to_public()]), source)
        try:
            yield target
        finally:
            target.close()
            done.result()


@contextmanager
def unlocked(file: IO[bytes], passphrase: str) -> Iterator[IO[bytes]]:
    """Read what was locked from what it yields. Raises LockError."""
    head = file.read(len(MARK) + _DIGITS + 1)
    try:
        own = pyrage.passphrase.decrypt(file.read(int(head[len(MARK) :])), passphrase)
        identity = pyrage.x25519.Identity.from_str(own.decode())
    except (ValueError, pyrage.DecryptError, pyrage.IdentityError) as wrong:
        raise LockError(str(wrong)) from wrong
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as target:
        done = _aside(lambda: pyrage.decrypt_io(file, target, [identity]), target)
        try:
            yield source
        finally:
            source.close()
            _finish(done)


def _aside(work: Callable[[], Any], end: IO[bytes]) -> "Future[None]":
    """Does it in a thread, which closes its end of the pipe: the other side must not wait for ever."""
    done: Future[None] = Future()

    def do() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            done.set_exception(error)
        else:
            done.set_result(None)
        finally:
            with suppress(OSError):
                end.close()

    Thread(target=do, name="lock", daemon=True).start()
    return done


def _finish(done: "Future[None]") -> None:
    try:
        done.result()
    except BrokenPipeError:
        """Whoever read has had enough."""
    except (pyrage.DecryptError, OSError, ValueError) as error:
        raise LockError(str(error)) from error
