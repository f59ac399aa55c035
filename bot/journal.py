"""The log: one structured line an event, gathered and written a few times a second, off the callers' clock."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import gmtime, monotonic, strftime, time
from typing import TextIO

from aiohttp.http_exceptions import HttpProcessingError

from bot.text.msisdn import mask

EVERY = 0.2
"""Seconds a line may wait to be written; a warning is written at once, with all before it."""
SAY_EVERY = 10.0
"""Seconds between two lines about requests that are no HTTP."""
SERVER = "aiohttp.server"
LOGGERS = {
    "kunnafoni": logging.INFO,
    "bot": logging.INFO,
    SERVER: logging.WARNING,
    "asyncio": logging.WARNING,
}
"""Of the last, what went wrong where nobody waited for it: a trace may hold a number too."""
FORMAT = "%(levelname)s %(name)s %(message)s"


# Whoever writes a line masks the numbers in it; what an id, an error or its trace still holds is masked here.
# Digits are looked for first, and only where there are many what stands before them: a line costs 1 µs, not 20.
_DIGITS = re.compile(r"[0-9]{8,}")
_SIGNS = ("+", "%2B")
_LONGEST = 15
_HERE = 11

_WORD = re.compile(r"[!-~]+")
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def masked(lines: str) -> str:
    """The same with no whole phone number in it."""
    return _DIGITS.sub(_masked, lines)


def _masked(digits: re.Match[str]) -> str:
    """After a `+`, or eleven of them that begin as Mali's do, digits are a number."""
    run, before = digits[0], digits.start()
    if run[0] != "0" and (sign := next((s for s in _SIGNS if digits.string.endswith(s, 0, before)), "")):
        return mask(sign + run[:_LONGEST])[len(sign) :] + run[_LONGEST:]
    return mask(run) if len(run) == _HERE and run.startswith("223") else run


def word(text: str) -> str:
    """An id from outside as one word of the log: none can look as if it were several."""
    return text if (text.isidentifier() and text.isascii()) or _WORD.fullmatch(text) else ascii(text)


def one_line(event: str) -> str:
    """An event with what would look like another one made visible; the lines of a trace are set in."""
    return _UNSEEN.sub(lambda sign: repr(sign[0])[1:-1], event.replace("\n", "\n    "))


class Malformed(logging.Filter):
    """What is no HTTP: said in one line, now and then; anybody may send as much of it as he likes."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said = float("-inf")

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError):
            return True
        if self._clock() - self._said < SAY_EVERY:
            return False
        self._said = self._clock()
        record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        record.msg, record.args = "malformed because=%r", (type(error).__name__,)
        return True


class Journal(logging.Handler):
    """Lines on their way out. `step` is for the hot path: a line of its own costs the library ten times as much."""

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(FORMAT))
        self._out = out
        self._lines: list[str] = []
        self._second = 0
        self._date = ""

    def step(self, line: str) -> None:
        self._lines.append(f"{self._now()} INFO {line}\n")

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{self._now()} {one_line(self.format(record))}\n")
        if record.levelno >= logging.WARNING:
            self.flush()

    def _now(self) -> str:
        """The time (UTC); its calendar part is made once a second."""
        now = time()
        if int(now) != self._second:
            self._second = int(now)
            self._date = strftime("%Y-%m-%dT%H:%M:%S", gmtime(now))
        return f"{self._date}.{int(now % 1 * 1000):03d}"

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._out.write(masked("".join(lines)))
            self._out.flush()


@asynccontextmanager
async def journal(out: TextIO) -> AsyncIterator[Journal]:
    """Writes our loggers, and the warnings of the web server and the loop, to `out` until left."""
    held = Journal(out)
    for name, level in LOGGERS.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate = False
        logger.addHandler(held)
    malformed = Malformed()
    logging.getLogger(SERVER).addFilter(malformed)
    writing = asyncio.create_task(_write(held))
    try:
        yield held
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        logging.getLogger(SERVER).removeFilter(malformed)
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(held)
            logging.getLogger(name).propagate = True
        held.flush()


async def _write(held: Journal) -> None:
    while True:
        await asyncio.sleep(EVERY)
        held.flush()
