"""Rounds of calls, every side once in each round: what disturbs the machine meanwhile disturbs them all alike."""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from shutil import copy
from statistics import median

from msgspec import Struct, json

from bench import calls, servers
from bench.account import Audit, Row, audit
from bench.calls import Call
from bench.phones import Outcome, Plan, Script
from bench.processes import ROOT, Cores, confined, cores

BARE, SIX, ONE, PEER, PEER_ON_DISK = range(5)
"""The sides: the bare handler; ours with six products and with one; the peer, in memory and on disk."""
_MOST = {BARE: 6000, SIX: 1500, ONE: 3500, PEER: 6000, PEER_ON_DISK: 6000}
"""Calls a second at most: each of ours is another contact's, and is on the roster."""
_FIRST = {BARE: 60_000_000, SIX: 71_000_000, ONE: 75_000_000, PEER: 60_000_000, PEER_ON_DISK: 60_000_000}
_UNITS = "org_units.csv"


class Side(Struct, frozen=True):
    port: int
    scripts: tuple[Script, ...]


class Load(Struct, frozen=True):
    """What the rounds came to, without the first, which warms the servers up."""

    outcomes: Mapping[int, Sequence[Outcome]]
    audit: Audit
    no_peer: str
    """Why the peer was not measured."""

    def ratio(self, side: int, other: int) -> float:
        """Steps a second, round by round beside each other; the median."""
        pairs = zip(self.outcomes[side], self.outcomes[other], strict=True)
        return median(ours.rate / theirs.rate for ours, theirs in pairs)

    def waiting(self, side: int, other: int) -> float:
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
    stack: ExitStack, folder: Path, ours: Mapping[int, tuple[Call, ...]], *, with_peer: bool
) -> dict[int, Side]:
    gateway, others = cores()
    house = stack.enter_context(servers.kunnafoni(folder, gateway, others))
    sides = {
        BARE: Side(stack.enter_context(servers.bare(folder, gateway)), calls.bare_scripts(ours[SIX])),
        SIX: Side(house, tuple(call.script for call in ours[SIX])),
        ONE: Side(house, tuple(call.script for call in ours[ONE])),
    }
    if with_peer:
        for side, settings in (PEER, servers.IN_MEMORY), (PEER_ON_DISK, servers.ON_DISK):
            port = stack.enter_context(servers.peer(folder / f"peer{side}", gateway, others, settings))
            sides[side] = Side(port, calls.peer_scripts())
    return sides


def _take_turns(sides: Mapping[int, Side], rounds: int, seconds: float) -> dict[int, list[Outcome]]:
    outcomes: dict[int, list[Outcome]] = {name: [] for name in sides}
    _, others = cores()
    for turn in range(rounds):
        for name, side in sides.items():
            most = _most(seconds)[name]
            plan = Plan(side.port, side.scripts, _FIRST[name] + turn * most, most, seconds)
            outcomes[name].append(_called(plan, others))
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


def _most(seconds: float) -> dict[int, int]:
    return {side: round(a_second * seconds) for side, a_second in _MOST.items()}


def _import_roster(
    folder: Path, ours: Mapping[int, tuple[Call, ...]], most: Mapping[int, int], rounds: int
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
