"""Nothing heard for days: raised by the reminders, which count them; a report of the kind that was missed ends it."""

from collections.abc import Iterator

from bot.rules import Clear, Common, Finding, Said

ABOUT = ("checkin", "stock")


GRAVITY = 4


class Settings(Common, frozen=True): ...


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    if said.kind in ABOUT and not said.void:
        yield Clear(f"silent:{said.kind}")
