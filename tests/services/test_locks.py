"""A locked file: only its passphrase opens it, a bit that changed is noticed, and memory stays as it was."""

import functools
import io
import os
import tracemalloc
from pathlib import Path

import pyrage
import pytest

from bot.services.locks import LockError, is_locked, locked, unlocked

TOLD = os.urandom(300_000)
opened = functools.cache(pyrage.passphrase.decrypt)


@pytest.fixture(autouse=True)
def opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same passphrase to the same lock is tried once in all tests: it takes a second, on purpose."""
    monkeypatch.setattr(pyrage.passphrase, "decrypt", opened)


def lock(told: bytes, passphrase: str = "mot de passe") -> bytes:
    out = io.BytesIO()
    with locked(out, passphrase) as file:
        file.write(told)
    return out.getvalue()


def unlock(file: bytes, passphrase: str = "mot de passe") -> bytes:
    with unlocked(io.BytesIO(file), passphrase) as plain:
        return plain.read()


@pytest.fixture(scope="module")
def file() -> bytes:
    return lock(TOLD)


def test_what_was_locked_is_unlocked(file: bytes) -> None:
    assert is_locked(io.BytesIO(file))
    assert not is_locked(io.BytesIO(b"\x1f\x8b"))
    assert TOLD[:32] not in file
    assert unlock(file) == TOLD
    assert unlock(lock(b"")) == b""


def test_its_two_parts_are_age_files(file: bytes) -> None:
    """What `age` opens: the key with the passphrase, the contents with the key."""
    size = int(file[17:25])
    key = pyrage.passphrase.decrypt(file[26 : 26 + size], "mot de passe").decode()
    identity = pyrage.x25519.Identity.from_str(key)
    assert pyrage.decrypt(file[26 + size :], [identity]) == TOLD


@pytest.mark.parametrize("at", [18, 30, 400, 700, 200_000, -1])
def test_a_bit_that_changed_is_noticed(file: bytes, at: int) -> None:
    damaged = bytearray(file)
    damaged[at] ^= 1
    with pytest.raises(LockError):
        unlock(bytes(damaged))


@pytest.mark.parametrize("left", [20, 100, 600, 70_000, -1])
def test_a_file_cut_short_is_noticed(file: bytes, left: int) -> None:
    with pytest.raises(LockError):
        unlock(file[:left])


def test_another_passphrase_does_not_open_it(file: bytes) -> None:
    with pytest.raises(LockError):
        unlock(file, "Mot de passe")


def test_whoever_reads_the_beginning_may_leave(file: bytes) -> None:
    with unlocked(io.BytesIO(lock(TOLD * 10)), "mot de passe") as plain:
        assert plain.read(10) == TOLD[:10]


def test_much_needs_no_more_memory_than_little(tmp_path: Path) -> None:
    tracemalloc.start()
    with (tmp_path / "big").open("wb") as out, locked(out, "x") as file:
        for _ in range(100):
            file.write(TOLD)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "big").stat().st_size > 100 * len(TOLD)
    assert most < 10 * len(TOLD)
