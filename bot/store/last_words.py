"""Why the embedded server did not start, in words for whoever can mend it."""

from os import SEEK_END
from pathlib import Path

_CORRUPT = "Bad file format reading the append only file"
_MEND_CORRUPT = """
Nothing was changed. Copy the data folder to a safe place, start in an empty one and take up the last backup
(docs/operating.md). What was written since may be saved with `valkey-check-aof --fix`, on a copy, and
only on the .incr.aof file named above: never on the manifest."""
_MOST = 64 * 1024
"""Bytes of its log that are looked through: it may be years old."""


def last_words(log: Path, before: int) -> str:
    """Quote what it said since, and say what to do."""
    with log.open("rb") as words:
        words.seek(max(before, words.seek(0, SEEK_END) - _MOST))
        lines = words.read(_MOST).decode(errors="replace").splitlines()
    said = [line for line in lines if " # " in line and "WARNING" not in line] or lines[-3:]
    mend = (
        _MEND_CORRUPT if any(_CORRUPT in line for line in said) else "\nMend what it names, then start again."
    )
    return f"the store in {log.parent} did not start: {' / '.join(said)}{mend}"
