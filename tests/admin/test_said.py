"""The console's words: each sentence a page asks for is there, and English says all that French does."""

import re
from datetime import UTC, datetime

from bot.admin import said
from bot.flow.facts import FACTS, ITEM_FACTS, LISTS, MADE
from tests.conftest import ROOT

ASKED = re.compile(r"""\bt\("([a-z][\w./]*[\w/])"[,)]""")


def test_every_sentence_of_a_template_is_there() -> None:
    words = said.load()
    for template in (ROOT / "bot/admin/templates").glob("*.html"):
        for key in ASKED.findall(template.read_text("utf-8")):
            assert words.get("fr", key), f"{template.name}: {key}"


def test_english_says_all_that_french_does() -> None:
    words = said.load()
    for file in (ROOT / "bot/admin/locales/fr").glob("*.po"):
        for key in re.findall(r'^msgid "(.+)"$', file.read_text("utf-8"), re.MULTILINE):
            french, english = words.get("fr", key), words.get("en", key)
            assert french is not None, key
            assert english is not None, key
            assert english.says(french), key


def test_what_a_step_may_look_at_is_named_as_people_say_it() -> None:
    words = said.load()
    for name in {*FACTS, *ITEM_FACTS, *MADE, *LISTS}:
        assert words.get("fr", f"word.look.{name}"), name


def test_numbers_and_moments_are_written_as_read() -> None:

    french, english = (
        said.Speech(said.load(), language, lambda ms: datetime.fromtimestamp(ms / 1000, UTC))
        for language in said.LANGUAGES
    )
    assert (french.number(1234567), english.number(1234567)) == ("1\u202f234\u202f567", "1,234,567")
    assert french.moment(0) == french.iso("") == ""
    assert french.iso("2026-11-21T08:15:00.000+00:00") == "21/11/2026 08:15"
    assert french.or_itself("kind", "a_new_kind") == "a_new_kind"
