"""Less is left than the reorder level: months of stock times what is used in a month (cStock reorders at one month).

What she uses counts as it was measured, else as the product's settings say; where neither is known nothing is low.
"""

from collections.abc import Iterator

from bot.rules import Calm, Clear, Common, Finding, Limits, Raise, Said, number, word

GRAVITY = 6


class Settings(Common, frozen=True):
    calm: Calm = "24h"


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    product, quantity = word(said.answers, "product"), number(said.answers, "quantity")
    if said.kind != "stock" or not product or quantity is None:
        return
    subject = f"low:{product}"
    level = _level(product, said)
    # At zero the stock-out takes over.
    if not said.void and 0 < quantity < level:
        yield Raise(subject, {"product": product, "quantity": str(quantity), "level": f"{level:g}"})
    else:
        yield Clear(subject)


def _level(product: str, said: Said) -> float:
    limits = said.limits.get(product, Limits())
    return limits.reorder_months * (_measured(said.known.get(f"stock:{product}", "")) or limits.monthly_use)


def _measured(known: str) -> int:
    """`12~20@1763…`: 20 a month; 0 when it could not be measured yet."""
    use = known.partition("@")[0].partition("~")[2]
    return int(use) if use.isdigit() else 0
