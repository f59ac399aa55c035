"""The load's own account of what it was told is kept, and how it compares with the ledger after."""

from collections import Counter
from dataclasses import dataclass, field

from bot.house import House
from bot.store.rebuild import differences

Told = tuple[str, int]
"""A phone and the number of its report: no phone says a number twice."""


@dataclass
class Account:
    kept: list[Told] = field(default_factory=list)
    """Acknowledged: the phone has read that it is kept."""
    tried: set[Told] = field(default_factory=set)
    """Said; what was not acknowledged may be kept or not."""
    sorry: int = 0
    """Calls that heard that we are away."""
    silent: int = 0
    """Requests that heard nothing at all."""


def faults(account: Account, ledger: Counter[Told]) -> list[str]:
    """What the ledger does not agree with: nothing, after whatever happened."""
    lost = Counter(account.kept) - ledger
    doubled = [told for told, times in ledger.items() if times > 1]
    invented = set(ledger) - account.tried
    return [
        *(f"acknowledged, and lost: {told}" for told in lost),
        *(f"kept twice: {told}" for told in doubled),
        *(f"kept, and never said: {told}" for told in invented),
    ]


async def agrees(account: Account, house: House) -> None:
    """The ledger holds what was acknowledged, once, and all that follows from the ledger is as it says."""
    rows = [(row.msisdn, int(row.answers["quantity"])) async for row in house.ledger.read()]
    found = faults(account, Counter(rows))
    shards = house.settings.store.shards
    found += await differences(house.functions, house.ledger, shards, house.programme.local)
    assert not found, "\n".join(found[:20])
