"""Numbers as they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.numbers import NUMBER_WORDS, whole_number

FRENCH = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
BAMBARA = "fu kelen fila saba naani duuru wɔɔrɔ wolonwula segin kɔnɔntɔn tan"


@pytest.mark.parametrize(("value", "word"), list(enumerate(FRENCH.split())))
def test_french_to_sixteen(value: int, word: str) -> None:
    assert whole_number(word) == whole_number(word.upper()) == value


@pytest.mark.parametrize(("value", "word"), list(enumerate(BAMBARA.split())))
def test_bambara_to_ten_and_on(value: int, word: str) -> None:
    assert whole_number(word) == value
    if 0 < value < 10:
        assert whole_number(f"tan ni {word}") == 10 + value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        (" 012 ", 12),
        ("I2", 12),
        ("l0", 10),
        ("1O", 10),
        ("OO7", 7),
        ("١٢", 12),
        ("߁߂", 12),
        ("999999999999999", 999999999999999),
        ("dix-sept", 17),
        ("Dix  neuf", 19),
        ("une", 1),
        ("vingt", 20),
        ("mugan", 20),
        ("wolonfila", 7),
        ("tan ni seegin", 18),
        ("Tan ni wɔɔrɔ", 16),
    ],
)
def test_whole_numbers_are_read(text: str, value: int) -> None:
    assert whole_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "O", "il", "lO", "-5", "+5", "1.5", "1,5", "1 2", "1 000", "½", "12cp", "cte"]
)
def test_only_whole_numbers_are_read(text: str) -> None:
    assert whole_number(text) is None


@pytest.mark.parametrize(
    "text", ["dix onze", "tan ni fu", "ni", "trente", "bi saba", "quatre cents", "vingt et un"]
)
def test_words_beyond_twenty_are_not_read(text: str) -> None:
    assert whole_number(text) is None


@pytest.mark.parametrize("digits", [16, 5000])
def test_no_number_of_the_field_has_so_many_digits(digits: int) -> None:
    assert whole_number("9" * digits) is None


def test_every_part_of_a_number_is_known() -> None:
    assert {"dix", "sept", "tan", "wooro", "mugan", "trente", "cents", "keme"} <= NUMBER_WORDS
    assert "ni" not in NUMBER_WORDS


@given(st.text("0123456789", max_size=14), st.sampled_from("oO"), st.sampled_from("iIlL"))
def test_beside_one_digit_look_alikes_change_nothing(digits: str, zero: str, one: str) -> None:
    assert whole_number("2" + digits.replace("0", zero).replace("1", one)) == int("2" + digits)


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    value = whole_number(text)
    assert value is None or 0 <= value < 10**15
