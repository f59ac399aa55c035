"""The card an ASC keeps beside her phone: the code, the menu, the keys and the words of SMS, in one language.

All of it is read from the words and flows that are published, so that paper says what the phone says. It is printed
with every letter of Bambara: only a phone wants them folded.
"""

from collections.abc import Sequence

from msgspec import Struct

from bot.config import Settings
from bot.flow.release import Release
from bot.text.screens import BACK, BACK_PAST_ZERO, HOME, MORE

ROLE = "asc"
PRODUCTS = 2
"""Shown in the example of a stock report."""


class Card(Struct, frozen=True):
    """One language's half. Pairs are what is typed, and what it means."""

    language: str
    title: str
    dial: str
    menu: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    by_sms: str
    sms: tuple[tuple[str, str], ...]
    who: str
    lost: str


def card(release: Release, settings: Settings, language: str) -> Card:
    say = release.words.say
    return Card(
        language=language,
        title=say(language, "card.title"),
        dial=say(language, "card.dial"),
        menu=tuple(name for _, name in release.menu(ROLE, language)),
        keys=(
            (BACK, say(language, "common.back")),
            (HOME, say(language, "common.home")),
            (MORE, say(language, "common.more")),
            (BACK_PAST_ZERO, say(language, "card.past_zero")),
        ),
        by_sms=say(language, "help.topic.sms"),
        sms=_sms(release, language, list(settings.products)),
        who=say(language, "help.topic.who"),
        lost=say(language, "card.lost"),
    )


def _sms(release: Release, language: str, products: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The words to send, each in its first form, with an example of what follows it."""
    amounts = [f"{code} {amount}" for code, amount in zip(products[:PRODUCTS], (12, 5), strict=False)]
    other = next((code for code in release.words.languages if code != language), language)
    lines = (
        ("present", "", "card.present"),
        ("absent", "", "card.absent"),
        ("stock", " ".join(amounts), "stock.menu"),
        ("correct", amounts[0] if amounts else "", "stock.again.change"),
        ("cancel", "", "card.cancel"),
        ("alert", "", "alert.menu"),
        ("language", other.upper(), "language.menu"),
        ("help", "", "help.menu"),
        ("stop", "", "help.topic.stop"),
    )
    return tuple(
        (f"{_first(release, language, word)} {after}".rstrip(), release.words.say(language, key))
        for word, after, key in lines
    )


def _first(release: Release, language: str, keyword: str) -> str:
    return release.words.say(language, f"keyword.{keyword}").split(",")[0].strip()
