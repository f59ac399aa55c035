"""Each kind of question: what it takes, what it refuses, and what it never does."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow import engine
from bot.flow.definition import Refused
from bot.flow.questions import Question
from bot.flow.questions.pin import seal
from bot.flow.release import Release
from bot.flow.run import Item, Run
from tests.flow.small import begin, caller, release, shown, typed

ASKS = {
    "choice": "ask: choice\n  among: [red, green]",
    "listed": "ask: choice\n  among: products",
    "yesno": "ask: yesno",
    "several": "ask: several\n  among: [none, red, green]\n  none: none",
    "number": "ask: number\n  between: 5..120",
    "text": "ask: text\n  length: 2..12",
    "phone": "ask: phone",
    "date": "ask: date\n  days: -30..7",
    "pin": "ask: pin",
}
PRODUCTS = (Item("SRO", {"fr": "Sels"}), Item("CTE", {}))


def made(kind: str) -> Release:
    return release(f"flow: one\nstart: q\nq:\n  {ASKS[kind]}\n  then: thanks\nthanks: end\n")


def asked(kind: str) -> tuple[Question, Run]:
    made_here = made(kind)
    pin = seal("1234", "+22376123456")
    run = begin(made_here, caller(lists={"products": PRODUCTS}, pin=pin))
    return made_here.places["one", "q"].question, run


TAKEN: Sequence[tuple[str, str, object]] = [
    ("choice", "1", "red"),
    ("choice", " 2 ", "green"),
    ("choice", "Green", "green"),
    ("listed", "1", "SRO"),
    ("listed", "sels", "SRO"),
    ("listed", "cte", "CTE"),
    ("yesno", "1", "yes"),
    ("yesno", "2", "no"),
    ("yesno", "oui", "yes"),
    ("yesno", "NON", "no"),
    ("several", "1", ("none",)),
    ("several", "23", ("red", "green")),
    ("several", "3 2", ("red", "green")),
    ("several", "3*2", ("red", "green")),
    ("several", "22", ("red",)),
    ("number", "5", 5),
    ("number", "120", 120),
    ("number", " 012 ", 12),
    ("number", "I2", 12),
    ("number", "12 sachets", 12),
    ("number", "12sachets", 12),
    ("number", "douze", 12),
    ("number", "tan ni fila", 12),
    ("text", "Awa", "Awa"),
    ("text", " Awa \n Keita ", "Awa Keita"),
    ("text", "76123456 ok", "*** ok"),
    ("phone", "76 12 34 56", "+22376123456"),
    ("phone", "0022376123456", "+22376123456"),
    ("date", "21/11", "2026-11-21"),
    ("date", "2111", "2026-11-21"),
    ("date", "1-11-26", "2026-11-01"),
    ("date", "28.11.2026", "2026-11-28"),
    ("date", "Aujourd'hui", "2026-11-21"),
    ("date", "hier", "2026-11-20"),
    ("pin", "1234", "right"),
    ("pin", " 9999 ", "wrong"),
]
REFUSED = [
    ("choice", "0"),
    ("choice", "3"),
    ("choice", ""),
    ("choice", "²"),
    ("choice", "blue"),
    ("yesno", "3"),
    ("yesno", ""),
    ("yesno", "peut-être"),
    ("several", ""),
    ("several", "12"),
    ("several", "4"),
    ("several", "x"),
    ("number", ""),
    ("number", "4"),
    ("number", "121"),
    ("number", "-5"),
    ("number", "5,5"),
    ("number", "beaucoup"),
    ("number", "9" * 400),
    ("number", "٣"),
    ("text", "a"),
    ("text", "a" * 13),
    ("text", "\x00"),
    ("phone", "12"),
    ("phone", "20 22 33 44 55 66"),
    ("date", "31/02"),
    ("date", "demain"),
    ("date", "1/1"),
    ("date", "29/11"),
    ("date", "99/99/9999"),
    ("pin", "123"),
    ("pin", "12345"),
    ("pin", "abcd"),
]


@pytest.mark.parametrize(("kind", "text", "value"), TAKEN)
def test_an_answer_is_taken(kind: str, text: str, value: object) -> None:
    question, run = asked(kind)
    assert question.read(text, run) == value


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_an_answer_is_refused(kind: str, text: str) -> None:
    question, run = asked(kind)
    with pytest.raises(Refused) as refusal:
        question.read(text, run)
    assert run.say(refusal.value.key, **refusal.value.values)


@pytest.mark.parametrize("kind", ASKS)
@given(text=st.text(max_size=60))
def test_no_text_makes_a_question_raise_anything_else(kind: str, text: str) -> None:
    question, run = asked(kind)
    try:
        value = question.read(text, run)
    except Refused:
        return
    assert isinstance(value, str | int | tuple)


@pytest.mark.parametrize("kind", ASKS)
def test_the_samples_of_a_question_are_answers(kind: str) -> None:
    question, run = asked(kind)
    samples = question.samples(run, made(kind).places["one", "q"].ask.exits)
    assert samples
    for sample in samples:
        assert engine.over(typed(run, sample))


def test_the_secret_is_kept_nowhere() -> None:
    _, run = asked("pin")
    run = typed(run, "1234")
    assert run.given == (f"{engine.SEALED}right",)
    assert run.answers == {"q": "right"}
    assert "1234" not in repr((run.given, run.answers, run.effects))
    again = engine.begin(run.release, run.caller, run.medium, "one", run.given)
    assert again.answers == run.answers


def test_a_verdict_cannot_be_typed() -> None:
    _, run = asked("pin")
    assert shown(typed(run, "=right")).startswith("Quatre chiffres.")


def test_each_day_of_a_year_is_the_nearest_in_range() -> None:
    question, run = asked("date")
    new_year = begin(run.release, caller(today="2027-01-02"))
    assert question.read("31/12", new_year) == "2026-12-31"
    old_year = begin(run.release, caller(today="2026-12-30"))
    assert question.read("2/1", old_year) == "2027-01-02"
