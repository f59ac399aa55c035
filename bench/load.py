"""Rounds of calls, every side once in each round: what disturbs the machine meanwhile disturbs them all alike."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from itertools import chain
from pathlib import Path
from statistics import median

from msgspec import Struct, json

from bench import calls, house, servers
from bench.account import Audit, audit
from bench.calls import Call
from bench.phones import Outcome, Plan, Script
from bench.processes import ROOT, confined, cores, seconds_of
from bench.servers import Served


class Side(StrEnum):
    """Who is measured, by the name of its row."""

    BARE = "bare aiohttp handler"
    SIX = "kunnafoni, stock of six products: 9 steps"
    ONE = "kunnafoni, stock of one product: 4 steps"
    PEER = "ussd-menu-builder, 4 steps, store in memory"
    PEER_ON_DISK = "ussd-menu-builder, 4 steps, store on disk"


_PRODUCTS = {Side.SIX: calls.SIX, Side.ONE: calls.ONE}
_NUMBERS = {Side.SIX: (71_000_000, 1200), Side.ONE: (75_000_000, 2700)}
"""The first number, and how many may call in a second: each is another contact's, and she is on the roster."""
_STRANGERS = (60_000_000, 6000)


class Dialled(Struct, frozen=True):
    """Where a side is reached, and what is said to it."""

    served: Served
    scripts: tuple[Script, ...]


class Round(Struct, frozen=True):
    outcome: Outcome
    micros: float
    """Processor time of the gateway for a step, in µs; its store's not counted."""

    @property
    def rate(self) -> float:
        return self.outcome.rate

    @property
    def p99(self) -> float:
        return self.outcome.waits[2]


class Load(Struct, frozen=True):
    """What the rounds came to, without the first, which warms the servers up."""

    rounds: Mapping[Side, Sequence[Round]]
    audit: Audit
    no_peer: str
    """Why the peer was not measured."""

    def ratio(self, side: Side, other: Side, of: Callable[[Round], float]) -> float:
        """The median over the rounds of one side's figure by the other's in the same round."""
        pairs = zip(self.rounds[side], self.rounds[other], strict=True)
        return median(of(one) / of(another) for one, another in pairs)

    def wrong(self) -> Iterator[str]:
        return chain.from_iterable(turn.outcome.wrong for turns in self.rounds.values() for turn in turns)


def measure(folder: Path, rounds: int, seconds: float) -> Load:
    """Loads all sides in turn, then holds the ledger on the disk against what was acknowledged."""
    ours = {side: calls.stock_calls(ROOT, products) for side, products in _PRODUCTS.items()}
    house.import_roster(folder, _roster(ours, rounds + 1, seconds))
    no_peer = servers.install_peer()
    with ExitStack() as stack:
        sides = _open(stack, folder, ours, with_peer=not no_peer)
        turns = [_turn(sides, turn, seconds) for turn in range(rounds + 1)]
    said = dict(
        chain.from_iterable(_told(own, turn[side].outcome) for side, own in ours.items() for turn in turns)
    )
    warm = {side: [turn[side] for turn in turns[1:]] for side in sides}
    return Load(warm, audit(said, house.ledger(folder)), no_peer)


def _roster(ours: Mapping[Side, Sequence[Call]], rounds: int, seconds: float) -> Iterator[str]:
    yield calls.COLUMNS
    for side, own in ours.items():
        first, a_second = _NUMBERS[side]
        yield from calls.roster(first, own, rounds * round(a_second * seconds))


def _open(
    stack: ExitStack, folder: Path, ours: Mapping[Side, Sequence[Call]], *, with_peer: bool
) -> dict[Side, Dialled]:
    gateway, others = cores()
    us = stack.enter_context(servers.kunnafoni(folder, gateway, others))
    bare = stack.enter_context(servers.bare(folder, gateway))
    sides = {Side.BARE: Dialled(bare, calls.bare_scripts(ours[Side.SIX]))}
    sides |= {side: Dialled(us, tuple(call.script for call in own)) for side, own in ours.items()}
    if with_peer:
        for side, settings in (Side.PEER, servers.IN_MEMORY), (Side.PEER_ON_DISK, servers.ON_DISK):
            peer = stack.enter_context(servers.peer(folder / side.name.lower(), gateway, others, settings))
            sides[side] = Dialled(peer, calls.peer_scripts())
    return sides


def _turn(sides: Mapping[Side, Dialled], turn: int, seconds: float) -> dict[Side, Round]:
    return {
        side: _round(dialled, *_NUMBERS.get(side, _STRANGERS), turn, seconds)
        for side, dialled in sides.items()
    }


def _round(dialled: Dialled, first: int, a_second: int, turn: int, seconds: float) -> Round:
    most = round(a_second * seconds)
    plan = Plan(dialled.served.port, dialled.scripts, first + turn * most, most, seconds)
    before = seconds_of(dialled.served.pid)
    outcome = _called(plan)
    return Round(outcome, (seconds_of(dialled.served.pid) - before) / outcome.steps * 1e6)


def _called(plan: Plan) -> Outcome:
    """One crowd, in a process of its own beside the stores."""
    command = [sys.executable, "-m", "bench.phones"]
    with confined(cores()[1]):
        done = subprocess.run(command, input=json.encode(plan), stdout=subprocess.PIPE, cwd=ROOT, check=True)
    return json.decode(done.stdout, type=Outcome)


def _told(own: Sequence[Call], outcome: Outcome) -> Iterator[tuple[str, Mapping[str, int]]]:
    """What each number was told is kept."""
    return ((f"+223{number:08d}", own[number % len(own)].counted) for number in outcome.acknowledged)
