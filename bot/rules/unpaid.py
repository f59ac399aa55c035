"""Last month's pay has not come. We only pass it on."""

from collections.abc import Iterator

from bot.rules import Clear, Common, Delay, Finding, Raise, Said, word

GRAVITY = 5


class Settings(Common, frozen=True):
    escalate: tuple[Delay, ...] = ("7d",)


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    month = word(said.answers, "pay_month")
    if said.kind != "payment" or not month:
        return
    subject = f"unpaid:{month}"
    unpaid = word(said.answers, "received") == "no" and not said.void
    yield Raise(subject, {"month": month}) if unpaid else Clear(subject)
