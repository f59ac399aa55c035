"""What the store, the provider and the phones say after it all, held against one another."""

from collections import Counter
from collections.abc import Iterable

from bot.house import House
from bot.store.outbox import Line
from bot.store.rebuild import differences
from tests.chaos.account import Account, faults
from tests.standin import Sent

FATES = frozenset({"sent", "delivered", "failed", "unknown"})


async def ledger_faults(account: Account, house: House) -> list[str]:
    """Reports that were acknowledged and are lost, kept twice, or that nobody made."""
    rows = [(row.msisdn, int(row.answers["quantity"])) async for row in house.ledger.read(kind="stock")]
    return faults(account, Counter(rows))


async def rebuild_faults(house: House) -> list[str]:
    shards = house.settings.store.shards
    return await differences(house.functions, house.ledger, shards, house.programme.local)


def sending_faults(lines: Iterable[Line], taken: Iterable[Sent]) -> list[str]:
    """Messages that left twice or never, though we say so, and messages without a fate.

    One message is one SMS to one number, whose text the outbox knows; a group is the one SMS of its carrier.
    """
    lines = list(lines)
    accepted = Counter((sent.number, sent.text) for sent in taken)
    alone = [line for line in lines if not line.grouped_with]
    queued = Counter((line.to, line.text) for line in alone)
    claimed = Counter((line.to, line.text) for line in alone if line.state in {"sent", "delivered"})
    return [
        *(f"sent twice: {told}" for told in accepted - queued),
        *(f"said to be sent, and never was: {told}" for told in claimed - accepted),
        *(f"no fate: {line.id} is {line.state}" for line in lines if line.state not in FATES),
    ]
