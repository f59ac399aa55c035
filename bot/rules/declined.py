"""She will not come to the training she is invited to."""

from collections.abc import Iterator

from bot.rules import Clear, Common, Delay, Finding, Raise, Said, word

GRAVITY = 5


class Settings(Common, frozen=True):
    escalate: tuple[Delay, ...] = ()


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    training = word(said.answers, "training")
    if said.kind != "training" or not training:
        return
    subject = f"declined:{training}"
    declined = word(said.answers, "coming") == "no" and not said.void
    yield Raise(subject, {"training": training}) if declined else Clear(subject)
