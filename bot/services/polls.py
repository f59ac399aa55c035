"""The question of a broadcast: it waits from the moment its SMS leaves, and an SMS answers it. Pure."""

import re
from collections.abc import Mapping

from msgspec import Struct, json

from bot.flow.release import Release
from bot.flow.run import Run
from bot.store.outbox import Body
from bot.store.sessions import Draft, Polled
from bot.text.fold import bare

ASKED = "asked"
"""The contact's field that holds the question she was asked last."""
WAITS = 7 * 86_400_000
"""Milliseconds a question waits for an answer, and for a change of it."""
_SIGNS = re.compile(r"[.,;:!?()]+")
_WORDS = ("keyword.yes", "keyword.no")
"""Choices people write in many ways."""


class Poll(Struct, frozen=True, omit_defaults=True):
    """A question that waits for somebody's answer."""

    id: str
    """The broadcast's."""
    choices: dict[str, tuple[str, ...]]
    at: int
    """Unix ms: when it was sent to her."""

    def said(self, language: str) -> tuple[str, ...]:
        return self.choices.get(language) or self.choices["fr"]


def asking(body: Body, at: int) -> dict[str, str]:
    """What is noted of the recipient when this message is sent: the question that waits from now on."""
    poll = Poll(body.asks, body.choices, at)
    return {ASKED: json.encode(poll).decode()} if body.asks else {}


def waiting(contact: Mapping[str, str], now: int) -> Poll | None:
    """The question that waits for this contact's answer."""
    if not (asked := contact.get(ASKED)):
        return None
    poll = json.decode(asked, type=Poll)
    return poll if now < poll.at + WAITS else None


def chosen(poll: Poll, text: str, release: Release) -> int:
    """The number of the choice that this is: `2`, `non`, `2 non`; 0 when it is none."""
    heard = _heard(text)
    for number, forms in enumerate(_forms(poll, release), 1):
        if heard in forms | {str(number)} | {f"{number} {form}" for form in forms}:
            return number
    return 0


def _heard(text: str) -> str:
    return bare(_SIGNS.sub(" ", text))


def _forms(poll: Poll, release: Release) -> list[frozenset[str]]:
    """Each choice as it may be written, in any language."""
    by_choice = zip(*poll.choices.values(), strict=True)
    return [_likewise(frozenset(map(bare, said)), release) for said in by_choice]


def _likewise(forms: frozenset[str], release: Release) -> frozenset[str]:
    """Yes and no with all their ways of writing."""
    for key in _WORDS:
        if forms & (ways := release.words.variants(key)):
            return forms | ways
    return forms


class Answer(Struct, frozen=True):
    """What an SMS says to the question that waits: a choice to keep, or (`choice` 0) a number that is none."""

    poll: Poll
    choice: int
    at: int

    def goes_before(self, draft: Draft | None, after: Run | None) -> bool:
        """Whether it is for the question, not for the conversation that waits too: it was asked later, or fits alone.

        `after` is that conversation with this SMS as its answer.
        """
        if draft is None:
            return True
        return self.choice > 0 and (self.poll.at > draft.at or (after is not None and after.wrong > 0))

    def key(self) -> str:
        return "sms.poll_noted" if self.choice else "common.wrong.choice"

    def values(self, language: str) -> dict[str, str]:
        said = self.poll.said(language)
        return {"low": "1", "high": str(len(said)), "answer": said[self.choice - 1]}

    def kept(self) -> Polled | None:
        """As the step keeps it."""
        return Polled(self.poll.id, f"{self.choice}@{self.at}") if self.choice else None


def answered(contact: Mapping[str, str], at: int, text: str, release: Release) -> Answer | None:
    """What this SMS says to the question that waits; None when nothing."""
    if (poll := waiting(contact, at)) is None:
        return None
    choice = chosen(poll, text, release)
    return Answer(poll, choice, at) if choice or _heard(text).isdigit() else None
