"""She is away because of insecurity, or had to flee. Any other check-in ends it."""

from collections.abc import Iterator

from bot.rules import Clear, Common, Finding, Raise, Said, word

GRAVE = ("insecurity", "displaced")
SUBJECT = "absent"


GRAVITY = 1


class Settings(Common, frozen=True): ...


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    if said.kind != "checkin":
        return
    why = word(said.answers, "why")
    if why in GRAVE and not said.void:
        yield Raise(SUBJECT, {"why": f"@checkin.why.{why}"})
    else:
        yield Clear(SUBJECT)
