"""Rounds of calls, every side once in each round: what disturbs the machine meanwhile disturbs them all alike."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from statistics import median

from msgspec import Struct, json

from bench import calls, servers
from bench.account import Audit, Row, audit
from bench.calls import Call
from bench.phones import Outcome, Plan
from bench.processes import ROOT, confined, cores, seconds_of
from bench.sides import OURS, Dialled, Side, opened

_NUMBERS = dict.fromkeys(OURS, (71_000_000, 1200)) | {Side.ONE: (75_000_000, 2700)}
"""The first number, and how many may call in a second: each is another contact's, and she is on the roster."""
_STRANGERS = (60_000_000, 6000)


class Round(Struct, frozen=True):
    outcome: Outcome
    micros: float
    """Processor time of the gateway for a step, in µs."""
    store: float
    """That of its store."""

    @property
    def rate(self) -> float:
        return self.outcome.rate

    @property
    def p99(self) -> float:
        return self.outcome.waits[2]

    @property
    def phones(self) -> float:
        """Processor time of the phones for a step, in µs."""
        return self.outcome.busy / self.outcome.steps * 1e6


class Load(Struct, frozen=True):
    """What the rounds came to, without the first, which warms the servers up."""

    rounds: Mapping[Side, Sequence[Round]]
    audit: Audit
    half: Round
    """Ours on its embedded store, asked for half of what it can, whether or not it answers."""
    no_peer: str
    """Why the peer was not measured."""

    def ratio(self, side: Side, other: Side, of: Callable[[Round], float]) -> float:
        """The median over the rounds of one side's figure by the other's in the same round."""
        pairs = zip(self.rounds[side], self.rounds[other], strict=True)
        return median(of(one) / of(another) for one, another in pairs)

    def middle(self, side: Side, of: Callable[[Round], float]) -> float:
        return median(map(of, self.rounds[side]))

    def wrong(self) -> Iterator[str]:
        turns = chain([self.half], chain.from_iterable(self.rounds.values()))
        return chain.from_iterable(turn.outcome.wrong for turn in turns)


def measure(folder: Path, rounds: int, seconds: float) -> Load:
    """Loads all sides in turn, then holds each ledger against what was acknowledged."""
    ours = {side: calls.stock_calls(ROOT, products) for side, products in OURS.items()}
    no_peer = servers.install_peer()
    with ExitStack() as stack:
        sides = opened(stack, folder, ours, _roster(ours, rounds + 2, seconds), with_peer=not no_peer)
        turns = [_turn(sides, turn, seconds) for turn in range(rounds + 1)]
        pace = median(turn[Side.SIX].rate for turn in turns[1:]) / 2 / len(ours[Side.SIX][0].script)
        half = round_of(sides[Side.SIX], _plan(sides, Side.SIX, rounds + 1, seconds, pace))
        said = {side: [turn[side] for turn in turns] + [half][: side is Side.SIX] for side in ours}
        audits = [_audit(side, said, ours, sides) for side in (Side.SERVER, Side.CLUSTER)]
    audits += [_audit(side, said, ours, sides) for side in (Side.SIX, Side.ONE, Side.TWO)]
    warm = {side: [turn[side] for turn in turns[1:]] for side in sides}
    return Load(warm, Audit.of(audits), half, no_peer)


def _roster(ours: Mapping[Side, Sequence[Call]], rounds: int, seconds: float) -> Iterator[str]:
    yield calls.COLUMNS
    yield from calls.leaders()
    for side in Side.SIX, Side.ONE:
        first, a_second = _NUMBERS[side]
        yield from calls.roster(first, ours[side], rounds * round(a_second * seconds))


def _turn(sides: Mapping[Side, Dialled], turn: int, seconds: float) -> dict[Side, Round]:
    return {side: round_of(dialled, _plan(sides, side, turn, seconds)) for side, dialled in sides.items()}


def _plan(sides: Mapping[Side, Dialled], side: Side, turn: int, seconds: float, pace: float = 0.0) -> Plan:
    first, a_second = _NUMBERS.get(side, _STRANGERS)
    most = round(a_second * seconds)
    dialled = sides[side]
    return Plan(dialled.served.port, dialled.scripts, first + turn * most, most, seconds, pace=pace)


def round_of(dialled: Dialled, plan: Plan) -> Round:
    """One crowd, and the processor time that each process took for it."""
    served = dialled.served
    before = seconds_of(*served.gateways), seconds_of(*served.stores)
    outcome = _called(plan)
    after = seconds_of(*served.gateways), seconds_of(*served.stores)
    gateway, store = ((late - early) / outcome.steps * 1e6 for early, late in zip(before, after, strict=True))
    return Round(outcome, gateway, store)


def _called(plan: Plan) -> Outcome:
    """The crowd is a process of its own beside the stores."""
    command = [sys.executable, "-m", "bench.phones"]
    with confined(cores()[1]):
        done = subprocess.run(command, input=json.encode(plan), stdout=subprocess.PIPE, cwd=ROOT, check=True)
    return json.decode(done.stdout, type=Outcome)


def _audit(
    side: Side,
    said: Mapping[Side, Iterable[Round]],
    ours: Mapping[Side, Sequence[Call]],
    sides: Mapping[Side, Dialled],
) -> Audit:
    house, own = sides[side].house, ours[side]
    assert house is not None  # ours have one
    told = (number for turn in said[side] for number in turn.outcome.acknowledged)
    kept = {f"+223{number:08d}": own[number % len(own)].counted for number in told}
    return audit(kept, house.ledger("stock", Row))
