"""`STATUT` is one segment however many are missing."""

import pytest

from bot.flow.release import Release
from bot.services.at_hand import AtHand, Missing
from bot.services.status import status
from bot.text.fold import to_gsm
from bot.text.gsm import septets


def said(release: Release, language: str, names: list[str], more: int = 0) -> str:
    missing = tuple(Missing(f"+223{number}", name, "") for number, name in enumerate(names))
    hand = AtHand(missing=missing, open=999, asc=len(names) + more, checked=0)
    return to_gsm(status(lambda key, **values: release.words.say(language, key, values), hand))


@pytest.mark.parametrize("language", ["fr", "bm"])
@pytest.mark.parametrize("many", [1, 9, 40])
def test_those_there_is_no_room_for_are_counted(release: Release, language: str, many: int) -> None:
    text = said(release, language, ["Aminata Coulibaly"] * many, more=5123 - many)
    assert septets(text) <= 160
    shown = text.count("Aminata C.")
    assert shown >= min(many, 4)
    assert text.endswith(f", +{5123 - shown}")


def test_a_name_too_long_for_any_room_is_only_counted(release: Release) -> None:
    assert said(release, "fr", ["W" * 150]).endswith("Manquent : +1")
