"""What a text becomes on the smallest phone, and that both of its spellings compare equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.fold import bare, letter_by_letter, one_slip, to_gsm
from bot.text.gsm import is_gsm

FRENCH = "abcdefghijklmnopqrstuvwxyzàâæçèéêëîïôœùûüÿ"
BAMBARA = "abcdeɛfghijklmnɲŋoɔprstuwyz"
SIGNS = " \n\t.,;:!?'’‘“”«»\u00a0\u202f–—…-0123456789"
TONES = "\u0300\u0301\u0302\u030c"

spoken = st.text(
    st.sampled_from(sorted({*FRENCH, *FRENCH.upper(), *BAMBARA, *BAMBARA.upper(), *SIGNS, *TONES}))
)

GLOSSARY = [
    *("Awɔ", "Ayi", "ɔwɔ", "awò", "ɔnhɔn", "O bɛ bɛn", "Basi tɛ", "Wɛrɛ", "Kɛta", "Jɛn", "Dɛmɛ", "Segin"),
    *("Taa ɲɛfɛ", "Segin kɔ", "A daminɛ", "A laban", "Ka bɔ a ma", "Sɛgɛsɛgɛ", "Yɛlɛma", "Jɔsi", "A marala"),
    *("Segin k'a ci tuguni", "A ma sɔrɔ", "Nimɔrɔ dɔ sugandi", "Ɲininkali", "Sɛbɛn", "Tɔgɔ", "Telefɔni"),
    *("Hakɛto", "Makɔnɔ", "Aw ka sabali fɔlɔ", "Ɲini", "Kɔrɔ", "Dɔnbali", "N t'a dɔn", "I ni sɔgɔma", "Bɛɛ"),
    *("Hɛrɛ sira?", "K'an bɛn sɔɔni", "wɔɔrɔ", "kɔnɔntɔn", "tan ni kɔnɔntɔn", "kɛmɛ", "ntɛnɛ", "zuwɛn"),
    *("sɛtanburu", "dɔgɔkun", "banabaatɔ", "kunsɛmɛnasumaya", "kɔnɔboli", "tɔgɔtɔgɔnin", "fɔɔnɔ"),
    *("ɲɔninsan", "nɛgɛtigɛbana", "fiɲɛbana", "farati taamasiɲɛw", "denyɛrɛnin", "ɲɛgɛn", "dɔgɔtɔrɔfura"),
    *("pikiribiɲɛ", "amɔkisisilini", "sipɛrivisɛri", "cɛ", "ɲɔgɔnye", "mɔgɔ wulilenw ka bɔ u sigiyɔrɔw la"),
    *(
        "I bɛ yɔrɔ jumɛn na?",
        "Denmisɛn joli bolocilen don?",
        "I ye nin bataki in sɔrɔ wa?",
        "Ɲɔrɔ",
        "Kulukɔrɔ",
    ),
]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("ɛ Ɛ ɔ Ɔ ɲ Ɲ ŋ Ŋ", "è E ò O ny Ny ng Ng"),
        ("I ni sɔgɔma! Fɛnɲɛ", "I ni sògòma! Fènnyè"),
        ("Où êtes-vous ? Ça va, reçu ?", "Où etes-vous ? Ça va, recu ?"),
        ("À l’hôpital, « œuvre » Œ", 'A l\'hopital, " oeuvre " Oe'),
        ("“oui” – non — peut-être…", '"oui" - non - peut-etre...'),
        ("12\u00a0000\u202fF, n°\u00a03, ½, 2 × 3", "12 000 F, no 3, 1/2, 2 x 3"),
        ("e\u0300 e\u0302 ɛ\u0301 ɔ\u0300", "è e è ò"),
        ("ε Ε ɓ ɗ ƴ", "è E b d y"),
        ("a\u200bb\u00adc\ufe0f\x07d", "abcd"),
        ("a\tb\u2028c", "a b c"),
        ("😀 ߒߞߏ \ud800", "? ??? ?"),
        ("[déjà] {plié} à 5 €\n", "[déjà] {plié} à 5 €\n"),
        ("ǿ ẞ ﬁ ① ṩ", "ø ? fi 1 s"),
    ],
)
def test_output_is_spelled_for_every_phone(text: str, folded: str) -> None:
    assert to_gsm(text) == folded


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("", ""),
        ("  STOP \n", "stop"),
        ("Awɔ", "awo"),
        ("awò", "awo"),
        ("ƐREƝA ŋ ñ Ñ", "erenya ng ny ny"),
        ("ε", "e"),
        ("K’a k'a k‘a", "ka ka ka"),
        ("D'accord\u00a0!", "daccord !"),
        ("ARRÊT arrêt Arret", "arret arret arret"),
        ("e\u0301\nb\tc", "e b c"),
        ("ß ẞ ſ", "ss ss s"),
        ("ߒߞߏ😀", "ߒߞߏ😀"),
    ],
)
def test_input_is_stripped_for_comparing(text: str, compared: str) -> None:
    assert bare(text) == compared


@given(st.text())
def test_the_fold_is_total_and_final(text: str) -> None:
    folded = to_gsm(text)
    assert is_gsm(folded)
    assert to_gsm(folded) == folded


@given(st.one_of(st.text(), spoken))
def test_stripping_again_changes_nothing(text: str) -> None:
    assert bare(bare(text)) == bare(text)


@given(spoken)
def test_a_text_compares_equal_to_its_fold(text: str) -> None:
    assert bare(to_gsm(text)) == bare(text)


@pytest.mark.parametrize("term", GLOSSARY)
def test_a_term_of_the_glossary_compares_equal_to_its_fold(term: str) -> None:
    assert bare(to_gsm(term)) == bare(term)
    assert bare(term.upper()) == bare(term)


def test_no_two_terms_of_the_glossary_compare_equal_but_the_spellings_of_yes() -> None:
    assert len({bare(term) for term in GLOSSARY}) == len(GLOSSARY) - 1
    assert bare("Awɔ") == bare("awò")


def test_every_character_of_the_basic_plane_folds_for_good() -> None:
    for char in map(chr, range(0x10000)):
        assert is_gsm(to_gsm(char)), char
        assert bare(bare(char)) == bare(char), char


@given(st.text())
def test_letter_by_letter_keeps_places(text: str) -> None:
    assert len(letter_by_letter(text)) == len(text)


def test_letter_by_letter_strips_each_letter() -> None:
    assert letter_by_letter("CTÉ wɔɔrɔ Ɲ’") == "cte wooro Ɲ’"
    assert letter_by_letter("SRO 5") == "sro 5"


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("stok", "stock"),
        ("prezent", "present"),
        ("presente", "present"),
        ("aidr", "aide"),
        ("rso", "sro"),
        ("xsro", "sro"),
        ("", "a"),
    ],
)
def test_one_slip(word: str, other: str) -> None:
    assert one_slip(word, other)
    assert one_slip(other, word)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("sro", "sro"),
        ("", ""),
        ("ab", ""),
        ("abc", "cab"),
        ("stoq", "stock"),
        ("abcd", "badc"),
        ("abc", "cba"),
    ],
)
def test_not_one_slip(word: str, other: str) -> None:
    assert not one_slip(word, other)
    assert not one_slip(other, word)


@given(st.text("abc", min_size=1, max_size=6), st.data())
def test_any_slip_is_found(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    slips = {
        word[:at] + "x" + word[at + 1 :],
        word[:at] + "x" + word[at:],
        word[:at] + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }
    assert all(one_slip(word, slip) for slip in slips - {word})
