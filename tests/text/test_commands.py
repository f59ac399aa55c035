"""What an SMS asks for: the word it begins with, in any language, with one slip forgiven where that harms nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.grammar import Command, read_command

KEYWORDS = {
    "stock": "stock",
    "present": "present",
    "absent": "absent",
    "alerte": "alert",
    "corriger": "correct",
    "annuler": "cancel",
    "a bali": "cancel",
    "aide": "help",
    "langue": "language",
    "stop": "stop",
    "dabila": "stop",
    "start": "start",
    "damine": "start",
    "ok": "ok",
    "o be ben": "ok",
    "statut": "status",
    "oui": "yes",
    "awo": "yes",
    "o": "yes",
    "non": "no",
    "deme": "help",
    "stocke": "stock",
    "statue": "present",
}


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("STOCK CTE 12 SRO 5", Command("stock", "CTE 12 SRO 5")),
        ("stock: CTE 12", Command("stock", "CTE 12")),
        ("stock", Command("stock", "")),
        ("Présent", Command("present", "")),
        ("ABSENT.", Command("absent", "")),
        ("Alerte : Feu à Kita!", Command("alert", "Feu à Kita!")),
        ("CORRIGER CTE 10", Command("correct", "CTE 10")),
        ("ANNULER", Command("cancel", "")),
        ("A  bali!", Command("cancel", "")),
        ("Dɛmɛ", Command("help", "")),
        ("LANGUE BM", Command("language", "BM")),
        ("Stop", Command("stop", "")),
        ("start", Command("start", "")),
        ("OK 4712", Command("ok", "4712", 4712)),
        ("ok4712", Command("ok", "4712", 4712)),
        ("ok #47I2.", Command("ok", "47I2.", 4712)),
        ("ok 47 12", Command("ok", "47 12")),
        ("ok douze", Command("ok", "douze", 12)),
        ("O bɛ bɛn 12", Command("ok", "12", 12)),
        ("O bɛ", Command("yes", "bɛ")),
        ("oui", Command("yes", "")),
        ("Awɔ", Command("yes", "")),
        (" Non !", Command("no", "")),
        ("", Command("empty", "")),
        (" \n.?!", Command("empty", "")),
        ("😀", Command("empty", "")),
        ("12", Command("answer", "12")),
        ("  douze personnes ", Command("answer", "douze personnes")),
        ("okay", Command("answer", "okay")),
        ("bali", Command("answer", "bali")),
        ("l'aide", Command("help", "")),
    ],
)
def test_a_command_is_what_the_text_begins_with(text: str, command: Command) -> None:
    assert read_command(text, KEYWORDS) == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("stok CTE 5", Command("stock", "CTE 5")),
        ("stok5", Command("stock", "5", 5)),
        ("prezent", Command("present", "")),
        ("Présente", Command("present", "")),
        ("alrete feu", Command("alert", "feu")),
        ("adie", Command("help", "")),
        ("stop", Command("stop", "")),
        ("sto", Command("answer", "sto")),
        ("stp", Command("answer", "stp")),
        ("strat", Command("answer", "strat")),
        ("annule", Command("answer", "annule")),
        ("abali", Command("answer", "abali")),
        ("statu", Command("answer", "statu")),
        ("ou", Command("answer", "ou")),
        ("nom", Command("answer", "nom")),
    ],
)
def test_one_slip_is_forgiven_where_it_harms_nobody(text: str, command: Command) -> None:
    assert read_command(text, KEYWORDS) == command


def test_a_digit_may_be_a_keyword() -> None:
    assert read_command("1", {"1": "yes", "2": "no"}) == Command("yes", "")
    assert read_command("12", {"1": "yes", "2": "no"}) == Command("answer", "12")


@given(
    st.text(), st.dictionaries(st.text(max_size=5), st.sampled_from(["stock", "stop", "help"]), max_size=4)
)
def test_no_text_is_an_error(text: str, keywords: dict[str, str]) -> None:
    command = read_command(text, keywords)
    assert command.name in {"stock", "stop", "help", "answer", "empty"}
    assert command.rest in text


@given(st.text("stopdabilnuer ", max_size=12))
def test_a_word_that_harms_is_never_guessed(text: str) -> None:
    harmful = {keyword: name for keyword, name in KEYWORDS.items() if name in {"stop", "start", "cancel"}}
    command = read_command(text, harmful)
    words = text.split()
    said = any(" ".join(words[:count]) in harmful for count in (1, 2))
    assert (command.name in harmful.values()) == said
