"""An event that may be an outbreak, as the alert flow or `ALERTE …` keeps it: told at once, and again when it grows."""

from collections.abc import Iterator

from bot.rules import Clear, Common, Delay, Finding, Raise, Said, cut, number, word

LONGEST = 40
"""Letters of what she wrote herself: the rest stands in the ledger."""


GRAVITY = 0


class Settings(Common, frozen=True):
    urgent: bool = True
    escalate: tuple[Delay, ...] = ("2h", "4h")


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    event = word(said.answers, "event")
    if said.kind != "alert" or not event:
        return
    subject = f"epidemic:{event}"
    yield Clear(subject) if said.void else Raise(subject, _values(event, said), again=True)


def _values(event: str, said: Said) -> dict[str, str]:
    """As she wrote it, else the event and its suspected cases; an option is `@key`, said in the reader's language."""
    if text := word(said.answers, "text"):
        return {"what": cut(text, LONGEST), "cases": ""}
    cases = number(said.answers, "cases")
    return {"what": f"@alert.event.{event}", "cases": "" if cases is None else f" ({cases})"}
