"""Child processes: each on the cores it is given, its words in a log of its own, ended by whoever started it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from math import nan
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

ROOT = Path(__file__).parent.parent
UNHURRIED = {"KUNNAFONI_SERVER__NUMBER_RATE": "1e6"}
"""The bench's phones type faster than people; each request is counted all the same."""
PATIENCE = 120.0
"""Seconds in which a process serves, or ends; a year of a country read as commands takes half a minute."""
_POLL = 0.001
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
Process = subprocess.Popen[bytes]
Cores = Collection[int]
"""None: any of them."""
_T = TypeVar("_T")


class DidNotStart(Exception):  # noqa: N818 - the sentence is the server's own
    """A process ended, or stayed silent, before it served; with its last words."""


def cores() -> tuple[Cores, Cores]:
    """The core of a gateway, and that of the phones and the stores, where they can have one each."""
    here = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    return (here[:1], here[1:2]) if len(here) > 1 else ((), ())


@contextmanager
def started(
    command: Sequence[str], log: Path, on: Cores = (), cwd: Path = ROOT, told: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """`told`: what its environment says besides."""
    environ = {**os.environ, **UNHURRIED, **(told or {})}
    with log.open("wb") as words, confined(on):
        process = subprocess.Popen(
            command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=words, stderr=words
        )
    try:
        yield process
    finally:
        _end(process)


@contextmanager
def confined(on: Cores) -> Iterator[None]:
    """What is started meanwhile stays on these cores."""
    if sys.platform != "linux" or not on:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, on)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def children_of(pid: int) -> tuple[int, ...]:
    """The processes it has started; none where the system does not say."""
    told = (children.read_text().split() for children in Path(f"/proc/{pid}/task").glob("*/children"))
    return tuple(map(int, chain.from_iterable(told)))


def move(pids: Iterable[int], on: Cores) -> None:
    """They leave the core that they inherited."""
    if sys.platform != "linux" or not on:
        return
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), on)


def port_of(process: Process, log: Path) -> int:
    """The port in the address it prints."""
    return int(awaited(lambda: _ADDRESS.search(log.read_text("utf-8")), process, log)[1])


def seconds_of(*pids: int) -> float:
    """Processor time they have used together, in steps of 10 ms; nan where the system does not say."""
    if sys.platform != "linux":
        return nan
    told = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(fields[11]) + int(fields[12]) for fields in told) / os.sysconf("SC_CLK_TCK")


def awaited(look: Callable[[], _T | None], process: Process, log: Path) -> _T:
    """What is looked for, as soon as it is there. Raises DidNotStart."""
    latest = monotonic() + PATIENCE
    while process.poll() is None and monotonic() < latest:
        if (found := look()) is not None:
            return found
        sleep(_POLL)
    raise DidNotStart(f"{log.stem}: {log.read_text('utf-8')[-2000:]}")


def _end(process: Process) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
