"""Words changed by key: the French, the Bambara beside it, and who vouches for it."""

import pytest

from bot.flow.release import Source
from bot.services.editing import words
from bot.services.editing.impossible import Impossible
from bot.services.editing.words import Saying, say, taken_in
from bot.text.catalog import Message, parse, written
from bot.text.po import read

FR = """\
msgid ""
msgstr "Language: fr\\n"

msgid "visit.seen"
msgstr "Vu {name} ?"

msgid "visit.place.home"
msgstr "Maison"

msgid "other.text"
msgstr "Autre"
"""
BM = """\
msgid ""
msgstr "Language: bm\\n"

# from the glossary
#, python-brace-format
msgctxt "visit.seen"
msgid "Vu {name} ?"
msgstr "{name} yera wa ?"
"""
WORDS = {"fr": FR, "bm": BM}


def message(files: dict[str, str], language: str, key: str) -> Message:
    return parse(language, files[language]).messages[key]


def test_the_shipped_files_are_written_again_as_they_are(shipped: Source) -> None:
    for language, po in shipped.words.items():
        assert written(language, read(po)) == po


def test_both_languages_change_together_and_the_translation_waits_for_a_reader() -> None:
    after = say(WORDS, Saying("visit.seen", {"fr": "{name} est vu ?", "bm": "I ye {name} ye wa ?"}))
    assert message(after, "fr", "visit.seen").text == "{name} est vu ?"
    own = message(after, "bm", "visit.seen")
    assert (own.text, own.french, own.fuzzy, own.reviewed) == (
        "I ye {name} ye wa ?",
        "{name} est vu ?",
        False,
        False,
    )
    assert "# from the glossary\n# needs-review" in after["bm"]


def test_a_reader_is_named_and_no_longer_waited_for() -> None:
    after = say(WORDS, Saying("visit.seen", {"bm": "I ye {name} ye wa ?"}, reviewer="Awa Diarra, 2026-11-22"))
    assert message(after, "bm", "visit.seen").reviewed
    entry = read(after["bm"])[1]
    assert words.reviewer_of(entry) == "Awa Diarra, 2026-11-22"
    assert words.reviewer_of(read(BM)[1]) == ""


def test_words_may_be_vouched_for_as_they_are() -> None:
    waiting = say(WORDS, Saying("visit.seen", {"bm": "I ye {name} ye wa ?"}))
    after = words.review(waiting, "bm", "visit.seen", "Awa")
    assert message(after, "bm", "visit.seen").reviewed
    assert after["fr"] == FR


def test_a_translation_of_the_former_french_is_not_said() -> None:
    after = say(WORDS, Saying("visit.seen", {"fr": "Avez-vous vu {name} ?"}))
    own = message(after, "bm", "visit.seen")
    assert own.fuzzy
    assert '#| msgid "Vu {name} ?"' in after["bm"]
    again = say(after, Saying("visit.seen", {"fr": "A-t-on vu {name} ?"}))
    assert '#| msgid "Vu {name} ?"' in again["bm"]


def test_a_translation_that_still_holds_is_said() -> None:
    after = say(WORDS, Saying("visit.seen", {"fr": "Avez-vous vu {name} ?"}, holds=True))
    assert not message(after, "bm", "visit.seen").fuzzy


def test_a_new_key_stands_with_its_own() -> None:
    after = say(WORDS, Saying("visit.place.school", {"fr": "École", "bm": "Lakɔli"}))
    keys = list(parse("fr", after["fr"]).messages)
    assert keys == ["visit.seen", "visit.place.home", "visit.place.school", "other.text"]
    assert message(after, "bm", "visit.place.school").text == "Lakɔli"
    alone = say(WORDS, Saying("new.text", {"fr": "Seul"}))
    assert list(parse("fr", alone["fr"]).messages)[-1] == "new.text"


def test_a_translators_file_changes_what_it_says_and_takes_nothing_away() -> None:
    written_anew = BM.replace("{name} yera wa ?", "I ye {name} ye wa ?").replace("# from the glossary\n", "")
    new = 'msgctxt "visit.place.home"\nmsgid "Maison"\nmsgstr "So"\n'
    after = {"bm": taken_in("bm", BM, f"{written_anew}\n{new}")}
    assert message(after, "bm", "visit.seen").text == "I ye {name} ye wa ?"
    assert [message(after, "bm", key).reviewed for key in ("visit.seen", "visit.place.home")] == [
        False,
        False,
    ]
    read_by_her = {"bm": taken_in("bm", BM, new, "Awa, 2026-11-22")}
    assert message(read_by_her, "bm", "visit.place.home").reviewed
    assert message(read_by_her, "bm", "visit.seen") == message(WORDS, "bm", "visit.seen")
    for nothing in ("", BM, BM.replace('"{name} yera wa ?"', '""')):
        assert taken_in("bm", BM, nothing) == BM
    assert parse("fr", taken_in("fr", FR, FR.replace("Autre", "Autres"))).messages["other.text"].reviewed


def test_what_is_not_changed_stays_to_the_letter() -> None:
    assert say(WORDS, Saying("visit.seen", {"fr": "Vu {name} ?"})) == WORDS


def test_a_renamed_step_takes_its_words_along() -> None:
    after = words.rename(WORDS, "visit.place", "visit.where")
    assert "visit.where.home" in after["fr"]
    after = words.rename(after, "visit.seen", "visit.met")
    assert message(after, "bm", "visit.met").text == "{name} yera wa ?"
    assert words.rename(WORDS, "visit.pla", "visit.x") == WORDS


def test_forgotten_keys_are_gone_and_the_header_stays() -> None:
    after = words.forget(WORDS, ["visit.seen", ""])
    assert "visit.seen" not in after["fr"] + after["bm"]
    assert after["bm"].startswith('msgid ""')


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        ({"fr": "Vu {NAME} ?"}, "braces"),
        ({"fr": "Vu {name} ?", "bm": "{unit} yera wa ?"}, "placeholders"),
        ({"bm": "yera wa ?"}, "placeholders"),
    ],
)
def test_placeholders_are_the_same_in_every_language(texts: dict[str, str], key: str) -> None:
    with pytest.raises(Impossible) as refused:
        say(WORDS, Saying("visit.seen", texts))
    assert refused.value.key == key


def test_a_file_that_is_no_po_says_where() -> None:
    assert words.readable("fr", FR) is None
    wrong = words.readable("bm", BM + "rien\n")
    assert wrong is not None
    assert wrong.line == 9
