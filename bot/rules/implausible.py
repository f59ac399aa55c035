"""A stock above six times its maximum, which she has confirmed (cStock's rule: docs/decisions/0009)."""

from collections.abc import Iterator

from bot.rules import Clear, Common, Delay, Finding, Limits, Raise, Said, number, word

GRAVITY = 3


class Settings(Common, frozen=True):
    escalate: tuple[Delay, ...] = ()


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    product, quantity = word(said.answers, "product"), number(said.answers, "quantity")
    if said.kind != "stock" or not product or quantity is None:
        return
    subject = f"implausible:{product}"
    excess = said.limits.get(product, Limits()).excess
    # A partial report was left before she was asked whether it is so.
    surprising = excess and quantity > excess and not said.void and "partial" not in said.answers
    yield Raise(subject, {"product": product, "quantity": str(quantity)}) if surprising else Clear(subject)
