"""How translators' files are kept: by key, doubtful where the French has changed, the same file the second time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.text.catalog import (
    Catalog,
    CatalogError,
    Message,
    parse,
    update,
)
from bot.text.po import read, write
from tests.text.sayings import BAMBARA, FRENCH


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
