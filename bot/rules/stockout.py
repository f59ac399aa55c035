"""A product has run out: `quantity` is 0."""

from collections.abc import Iterator

from bot.rules import Calm, Clear, Common, Finding, Raise, Said, number, word

GRAVITY = 0


class Settings(Common, frozen=True):
    calm: Calm = "24h"


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    product, quantity = word(said.answers, "product"), number(said.answers, "quantity")
    if said.kind != "stock" or not product or quantity is None:
        return
    subject = f"stockout:{product}"
    yield Clear(subject) if said.void or quantity else Raise(subject, {"product": product})
