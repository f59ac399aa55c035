"""What is said in each language, and when French is said instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.catalog import (
    Catalog,
    CatalogError,
    Coverage,
    Message,
    Words,
    coverage,
    parse,
    placeholders,
)


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
