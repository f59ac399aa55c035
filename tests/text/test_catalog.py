"""What is said in each language, when French is said instead, and how translators' files are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.text.catalog import (
    Catalog,
    CatalogError,
    Coverage,
    Message,
    Words,
    coverage,
    parse,
    placeholders,
    update,
)
from bot.text.po import read, write

FRENCH = """\
msgid ""
msgstr ""
"Language: fr\\n"

msgid "thanks"
msgstr "Merci, 100 % reçu."

msgid "stock.quantity"
msgstr "{product} : combien en reste-t-il, {name} ?"

msgid "stock.days"
msgstr "Depuis combien de jours ?"

msgid "keyword.stop"
msgstr "STOP, ARRÊT,"

msgid "unwritten"
msgstr ""
"""

BAMBARA = """\
msgctxt "thanks"
msgid "Merci, 100 % reçu."
msgstr "I ni ce, 100 % sɔrɔla."

# needs-review: composed by Awa
msgctxt "stock.quantity"
msgid "{product} : combien en reste-t-il, {name} ?"
msgstr "{name}, {product} tɔ joli?"

#, fuzzy
msgctxt "stock.days"
msgid "Depuis combien de jours ?"
msgstr "Tile joli?"

msgctxt "keyword.stop"
msgid "STOP"
msgstr "DABILA, A bali"

msgctxt "gone"
msgid "Ancien"
msgstr "Kɔrɔ"
"""


@pytest.fixture
def french() -> Catalog:
    return parse("fr", FRENCH)


@pytest.fixture
def bambara() -> Catalog:
    return parse("bm", BAMBARA)


@pytest.fixture
def words(french: Catalog, bambara: Catalog) -> Words:
    return Words({"fr": french, "bm": bambara})


def test_french_has_its_key_as_msgid(french: Catalog) -> None:
    assert french.language == "fr"
    assert list(french.messages) == ["thanks", "stock.quantity", "stock.days", "keyword.stop", "unwritten"]
    text = "Merci, 100 % reçu."
    assert french.messages["thanks"] == Message("thanks", text, line=5, french=text)


def test_the_others_have_the_key_as_context_and_french_as_msgid(bambara: Catalog) -> None:
    message = bambara.messages["stock.quantity"]
    assert message.text == "{name}, {product} tɔ joli?"
    assert message.french == "{product} : combien en reste-t-il, {name} ?"
    assert not message.reviewed
    assert not message.fuzzy
    assert bambara.messages["stock.days"].fuzzy
    assert bambara.messages["stock.days"].reviewed


@pytest.mark.parametrize(
    ("language", "po", "line", "problem"),
    [
        ("fr", 'msgid "a"\nmsgstr "x"\n\nmsgid "a"\nmsgstr "y"\n', 4, "a was already there on line 1"),
        ("fr", 'msgid ""\nmsgstr ""\nmsgid ""\nmsgstr ""\n', 3, "the header was already there on line 1"),
        ("fr", 'msgctxt "a"\nmsgid "A"\nmsgstr "x"\n', 2, "French has its key as msgid and no msgctxt: a"),
        ("bm", 'msgid "A"\nmsgstr "x"\n', 1, "the key is missing (msgctxt): A"),
        ("bm", 'msgctxt ""\nmsgid "A"\nmsgstr "x"\n', 2, "the key is missing (msgctxt): A"),
        ("fr", 'msgid "a"\nmsgstr "{p.name}"\n', 1, "a: only {a_name} in small letters"),
        ("bm", 'msgctxt "a"\nmsgid "{n}"\nmsgstr "{m} x"\n', 2, "a: {m}, {n} must be in both"),
        ("bm", 'msgctxt "a"\nmsgid "{n}"\nmsgstr "x"\n', 2, "a: {n} must be in both"),
        ("bm", 'msgctxt "a"\nmsgid "{n"\nmsgstr ""\n', 2, "a: only {a_name} in small letters"),
        ("bm", 'msgctxt "a"\nmsgid\nmsgstr ""\n', 2, "this is no PO: msgid"),
    ],
)
def test_a_translators_slip_is_named_with_its_line(language: str, po: str, line: int, problem: str) -> None:
    with pytest.raises(CatalogError) as caught:
        parse(language, po)
    assert (caught.value.line, caught.value.message[: len(problem)]) == (line, problem)


def test_a_fuzzy_text_may_still_have_the_placeholders_of_before() -> None:
    po = '#, fuzzy\nmsgctxt "a"\nmsgid "{n}"\nmsgstr "{m}"\n\nmsgctxt "b"\nmsgid "{n}"\nmsgstr ""\n'
    assert list(parse("bm", po).messages) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "names"),
    [("", set()), ("{a} {b_2}{a}", {"a", "b_2"}), ("100 % [a] (b)", set()), ("{lambda}", {"lambda"})],
)
def test_placeholders_are_plain_names(text: str, names: set[str]) -> None:
    assert placeholders(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "{}",
        "{0}",
        "{A}",
        "{a.b}",
        "{a[0]}",
        "{a!r}",
        "{a:>9}",
        "{ a }",
        "{{a}}",
        "{a}}",
        "{_a}",
        "{é}",
    ],
)
def test_every_other_brace_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"only \{a_name\} in small letters may stand in braces"):
        placeholders(text)


def test_each_language_says_its_own(words: Words) -> None:
    assert words.languages == ("fr", "bm")
    assert words.say("fr", "thanks") == "Merci, 100 % reçu."
    assert words.say("bm", "thanks") == "I ni ce, 100 % sɔrɔla."
    said = words.say("bm", "stock.quantity", {"product": "SRO", "name": "Awa", "unused": 1})
    assert said == "Awa, SRO tɔ joli?"


@pytest.mark.parametrize(
    ("language", "key", "why"),
    [
        ("bm", "stock.days", "fuzzy"),
        ("bm", "keyword.stop", "stale: the French has changed since"),
        ("ff", "stock.days", "a language without a file"),
    ],
)
def test_what_is_doubtful_is_said_in_french(words: Words, language: str, key: str, why: str) -> None:
    assert words.say(language, key) == words.say("fr", key), why


@pytest.mark.parametrize("po", ["", 'msgctxt "thanks"\nmsgid "Merci, 100 % reçu."\nmsgstr ""\n'])
def test_what_is_missing_or_empty_is_said_in_french(french: Catalog, po: str) -> None:
    assert Words({"fr": french, "bm": parse("bm", po)}).say("bm", "thanks") == "Merci, 100 % reçu."


@pytest.mark.parametrize("key", ["gone", "unwritten", "no.such"])
def test_what_french_does_not_say_is_an_error(words: Words, key: str) -> None:
    with pytest.raises(KeyError, match=key):
        words.say("bm", key)


def test_a_value_that_is_not_given_is_named_with_the_message(words: Words) -> None:
    with pytest.raises(KeyError, match=r"stock\.quantity: no value for 'name'"):
        words.say("fr", "stock.quantity", {"product": "SRO"})


@given(st.text(), st.one_of(st.integers(), st.text()))
def test_values_are_put_in_as_they_are(literal: str, value: object) -> None:
    french_text = literal.replace("{", "(").replace("}", ")")
    message = Message("k", french_text + "{value}" + french_text, 1, "")
    words = Words({"fr": Catalog("fr", {"k": message})})
    assert words.say("fr", "k", {"value": value}) == f"{french_text}{value}{french_text}"
    braced = "{value} %s %(value)s"
    assert words.say("fr", "k", {"value": braced}) == f"{french_text}{braced}{french_text}"


def test_whatever_knows_the_values_can_give_them(words: Words) -> None:
    class Longest:
        def __getitem__(self, name: str) -> object:
            return name.upper()

    assert words.say("bm", "stock.quantity", Longest()) == "NAME, PRODUCT tɔ joli?"
    assert words.say("bm", "thanks", Longest()) == "I ni ce, 100 % sɔrɔla."


def test_a_message_can_be_looked_at_as_it_stands(words: Words) -> None:
    message = words.get("bm", "stock.days")
    assert message is not None
    assert (message.text, message.fuzzy) == ("Tile joli?", True)
    assert words.get("bm", "unwritten") is None
    assert words.get("ff", "thanks") is None


def test_keywords_are_heard_in_every_language(words: Words) -> None:
    assert words.variants("keyword.stop") == {"stop", "arret", "dabila", "a bali"}
    with pytest.raises(KeyError):
        words.variants("keyword.none")


def test_a_language_may_stand_in_for_french(bambara: Catalog) -> None:
    assert Words({"bm": bambara}, fallback="bm").say("fr", "keyword.stop") == "DABILA, A bali"


def test_coverage_counts_what_can_be_said(french: Catalog, bambara: Catalog) -> None:
    assert coverage(french, bambara) == Coverage(5, translated=2, fuzzy=2, missing=1, needs_review=1)
    assert coverage(french, french) == Coverage(5, translated=4, fuzzy=0, missing=1, needs_review=0)


def header(language: str) -> str:
    return (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    )


def test_a_new_language_gets_every_key_in_order(french: Catalog) -> None:
    assert update(french, "ff", None, ["stock.quantity", "thanks", "thanks", "unheard"]) == (
        header("ff")
        + '\n#, python-brace-format\nmsgctxt "stock.quantity"\n'
        + 'msgid "{product} : combien en reste-t-il, {name} ?"\nmsgstr ""\n'
        + '\nmsgctxt "thanks"\nmsgid "Merci, 100 % reçu."\nmsgstr ""\n'
        + '\nmsgctxt "unheard"\nmsgid ""\nmsgstr ""\n'
    )


def test_what_is_the_same_is_kept_and_what_is_gone_is_dropped(french: Catalog) -> None:
    po = update(french, "bm", BAMBARA, ["stock.quantity", "thanks"])
    assert po == (
        header("bm")
        + '\n# needs-review: composed by Awa\n#, python-brace-format\nmsgctxt "stock.quantity"\n'
        + 'msgid "{product} : combien en reste-t-il, {name} ?"\nmsgstr "{name}, {product} tɔ joli?"\n'
        + '\nmsgctxt "thanks"\nmsgid "Merci, 100 % reçu."\nmsgstr "I ni ce, 100 % sɔrɔla."\n'
    )


def test_a_text_whose_french_changed_is_marked_with_the_french_of_before(french: Catalog) -> None:
    po = update(french, "bm", BAMBARA, ["keyword.stop"])
    entry = '\n#, fuzzy\n#| msgid "STOP"\nmsgctxt "keyword.stop"\nmsgid "{}"\nmsgstr "DABILA, A bali"\n'
    assert po == header("bm") + entry.format("STOP, ARRÊT,")
    changed_again = parse("fr", FRENCH.replace("STOP, ARRÊT,", "HALTE"))
    assert update(changed_again, "bm", po, ["keyword.stop"]) == header("bm") + entry.format("HALTE")


def test_a_text_marked_by_hand_gets_the_french_it_had(french: Catalog) -> None:
    po = update(parse("fr", FRENCH.replace("jours", "nuits")), "bm", BAMBARA, ["stock.days"])
    assert '#, fuzzy\n#| msgid "Depuis combien de jours ?"\nmsgctxt "stock.days"' in po


def test_the_french_of_before_goes_when_the_translator_has_been(french: Catalog) -> None:
    po = update(french, "bm", BAMBARA, ["keyword.stop"]).replace("#, fuzzy\n", "")
    assert "#|" not in update(french, "bm", po, ["keyword.stop"])


def test_an_untranslated_text_takes_the_new_french_without_a_mark(french: Catalog) -> None:
    po = '# à traduire\n#, fuzzy\nmsgctxt "thanks"\nmsgid "Merci"\nmsgstr ""\n'
    entry = '\n# à traduire\nmsgctxt "thanks"\nmsgid "Merci, 100 % reçu."\nmsgstr ""\n'
    assert update(french, "bm", po, ["thanks"]) == header("bm") + entry


def test_a_text_waits_while_its_french_is_missing(french: Catalog) -> None:
    po = update(french, "bm", BAMBARA, ["gone"])
    assert po == header("bm") + '\nmsgctxt "gone"\nmsgid "Ancien"\nmsgstr "Kɔrɔ"\n'


def test_french_keeps_its_texts_and_gains_the_new_keys(french: Catalog) -> None:
    po = update(french, "fr", f"# Kunnafoni\n{FRENCH}", ["thanks", "new"])
    assert po == (
        f"# Kunnafoni\n{header('fr')}"
        '\nmsgid "thanks"\nmsgstr "Merci, 100 % reçu."\n\nmsgid "new"\nmsgstr ""\n'
    )


def test_an_update_does_not_hide_a_broken_file(french: Catalog) -> None:
    with pytest.raises(CatalogError):
        update(french, "bm", 'msgid "a"\n', [])


keys = st.sampled_from(["a", "b", "c"])
texts = st.text(st.sampled_from('aé%"\\\n\t ,|#'), max_size=8)
frenches = st.dictionaries(keys, texts).map(
    lambda said: Catalog("fr", {key: Message(key, text, 1, text) for key, text in said.items()})
)


@given(st.lists(st.tuples(frenches, st.lists(keys), st.dictionaries(keys, texts))), frenches, st.lists(keys))
def test_a_second_update_changes_no_byte(
    past: list[tuple[Catalog, list[str], dict[str, str]]], now: Catalog, wanted: list[str]
) -> None:
    """Whatever happened before: French that came and went, texts filled in or emptied in between."""
    po = ""
    for french, used, translated in past:
        entries = read(update(french, "bm", po, used))
        po = "".join(write(replace(entry, text=translated.get(entry.context or "", ""))) for entry in entries)
    once = update(now, "bm", po, wanted)
    assert update(now, "bm", once, wanted) == once
    assert list(parse("bm", once).messages) == list(dict.fromkeys(wanted))
