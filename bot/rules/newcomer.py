"""Somebody on no roster asks to join the team of the supervisor she names; confirming or refusing her ends it."""

from collections.abc import Iterator

from bot.rules import Common, Finding, Raise, Said, cut, word

SUBJECT = "newcomer"
LONGEST = 40


GRAVITY = 2


class Settings(Common, frozen=True): ...


def judge(said: Said, _: Settings) -> Iterator[Finding]:
    name, supervisor = word(said.answers, "name"), word(said.answers, "supervisor")
    if said.kind == "registration" and not said.void and name and supervisor:
        yield Raise(SUBJECT, {"name": cut(name, LONGEST)}, supervisor=supervisor)
