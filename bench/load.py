"""Rounds of calls, every side once in each round: what disturbs the machine meanwhile disturbs them all alike."""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from shutil import copy
from statistics import median

from msgspec import Struct, json

from bench import calls, servers
from bench.account import Audit, Row, audit
from bench.calls import Call
from bench.phones import Outcome, Plan, Script
from bench.processes import ROOT, Cores, confined, cores

_UNITS = "org_units.csv"


class Side(StrEnum):
    """Who is measured, by the name of its row."""

    BARE = "bare aiohttp handler"
    SIX = "kunnafoni, stock of six products: 9 steps"
    ONE = "kunnafoni, stock of one product: 4 steps"
    PEER = "ussd-menu-builder, 4 steps, store in memory"
    PEER_ON_DISK = "ussd-menu-builder, 4 steps, store on disk"


BARE, SIX, ONE, PEER, PEER_ON_DISK = Side
_FIRST = {BARE: 60_000_000, SIX: 71_000_000, ONE: 75_000_000, PEER: 60_000_000, PEER_ON_DISK: 60_000_000}
_MOST = {BARE: 6000, SIX: 1500, ONE: 3500, PEER: 6000, PEER_ON_DISK: 6000}
"""Calls a second at most: each of ours is another contact's, and she is on the roster."""


class Dialled(Struct, frozen=True):
    """Where a side is reached, and what is said to it."""

    port: int
    scripts: tuple[Script, ...]


class Load(Struct, frozen=True):
    """What the rounds came to, without the first, which warms the servers up."""

    outcomes: Mapping[Side, Sequence[Outcome]]
    audit: Audit
    no_peer: str
    """Why the peer was not measured."""

    def ratio(self, side: Side, other: Side) -> float:
        """Steps a second, round by round beside each other; the median."""
        pairs = zip(self.outcomes[side], self.outcomes[other], strict=True)
        return median(ours.rate / theirs.rate for ours, theirs in pairs)

    def waiting(self, side: Side, other: Side) -> float:
        """The same of the p99 wait."""
        pairs = zip(self.outcomes[side], self.outcomes[other], strict=True)
        return median(ours.waits[2] / theirs.waits[2] for ours, theirs in pairs)


def measure(folder: Path, rounds: int, seconds: float) -> Load:
    """Loads all sides in turn, then reads the ledger from the disk and holds it against what was acknowledged."""
    ours = {SIX: calls.stock_calls(ROOT, calls.SIX), ONE: calls.stock_calls(ROOT, calls.ONE)}
    _import_roster(folder, ours, _most(seconds), rounds + 1)
    no_peer = servers.install_peer()
    with ExitStack() as stack:
        sides = _open(stack, folder, ours, with_peer=not no_peer)
        outcomes = _take_turns(sides, rounds + 1, seconds)
    said = {
        f"+223{number:08d}": ours[side][number % len(ours[side])].counted
        for side in ours
        for outcome in outcomes[side]
        for number in outcome.acknowledged
    }
    warm = {side: outcomes[side][1:] for side in sides}
    return Load(warm, audit(said, _ledger(folder)), no_peer)


def _open(
    stack: ExitStack, folder: Path, ours: Mapping[Side, tuple[Call, ...]], *, with_peer: bool
) -> dict[Side, Dialled]:
    gateway, others = cores()
    house = stack.enter_context(servers.kunnafoni(folder, gateway, others))
    sides = {
        BARE: Dialled(stack.enter_context(servers.bare(folder, gateway)), calls.bare_scripts(ours[SIX])),
        SIX: Dialled(house, tuple(call.script for call in ours[SIX])),
        ONE: Dialled(house, tuple(call.script for call in ours[ONE])),
    }
    if with_peer:
        for side, settings in (PEER, servers.IN_MEMORY), (PEER_ON_DISK, servers.ON_DISK):
            port = stack.enter_context(servers.peer(folder / f"peer{side}", gateway, others, settings))
            sides[side] = Dialled(port, calls.peer_scripts())
    return sides


def _take_turns(sides: Mapping[Side, Dialled], rounds: int, seconds: float) -> dict[Side, list[Outcome]]:
    outcomes: dict[Side, list[Outcome]] = {side: [] for side in sides}
    _, others = cores()
    for turn in range(rounds):
        for side, dialled in sides.items():
            most = _most(seconds)[side]
            plan = Plan(dialled.port, dialled.scripts, _FIRST[side] + turn * most, most, seconds)
            outcomes[side].append(_called(plan, others))
    return outcomes


def _called(plan: Plan, on: Cores) -> Outcome:
    """One crowd, in a process of its own."""
    with confined(on):
        done = subprocess.run(
            [sys.executable, "-m", "bench.phones"],
            input=json.encode(plan),
            stdout=subprocess.PIPE,
            cwd=ROOT,
            check=True,
        )
    return json.decode(done.stdout, type=Outcome)


def _most(seconds: float) -> dict[Side, int]:
    return {side: round(a_second * seconds) for side, a_second in _MOST.items()}


def _import_roster(
    folder: Path, ours: Mapping[Side, tuple[Call, ...]], most: Mapping[Side, int], rounds: int
) -> None:
    copy(ROOT / "bot" / "demo" / _UNITS, folder / _UNITS)
    rows = (calls.roster(_FIRST[side], own, most[side] * rounds) for side, own in ours.items())
    sheet = folder / "roster.csv"
    sheet.write_text("\n".join([calls.COLUMNS, *(line for lines in rows for line in lines)]) + "\n", "utf-8")
    _command(folder, "contacts", "import", str(sheet))


def _ledger(folder: Path) -> Iterable[Row]:
    """The stock reports, as a store that was started anew reads them from the disk."""
    exported = folder / "reports.jsonl"
    _command(folder, "reports", "export", "--kind", "stock", "--output", str(exported))
    return json.decode(b"[" + b",".join(exported.read_bytes().splitlines()) + b"]", type=list[Row])


def _command(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "bot", *words, "--data", str(folder / "data")]
    subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
