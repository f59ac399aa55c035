"""The sender's own words are checked before they cost anything; and what an answer may look like."""

import pytest

from bot.flow.release import Release
from bot.services import wording
from bot.services.polls import WAITS, Poll, answered, asking, chosen, waiting
from bot.store.outbox import Body
from bot.text.fold import to_gsm
from bot.text.gsm import segment

PRODUCTS = ("SRO", "CTE")
POLL = Poll("b1", {"fr": ("Oui", "Non", "Peut-être"), "bm": ("Awɔ", "Ayi", "N'a sera")}, 1000)


@pytest.mark.parametrize(
    ("texts", "choices", "problem"),
    [
        ({"fr": "  "}, {}, "fr: no text"),
        ({"bm": "I ni ce"}, {}, "fr: no text"),
        ({"fr": "?"}, {"bm": ("Awɔ", "Ayi")}, "the choices are not said in French"),
        ({"fr": "{nom}"}, {}, "fr: {nom} is not known here: {name} and {unit} are"),
        ({"fr": "{0}"}, {}, "fr: only {a_name} in small letters may stand in braces: {0}"),
        ({"fr": "?"}, {"fr": ("Oui",)}, "fr: a question has 2 to 9 choices, not 1"),
        ({"fr": "?"}, {"fr": tuple("abcdefghij")}, "fr: a question has 2 to 9 choices, not 10"),
        ({"fr": "?"}, {"fr": ("Été", "ETE")}, "fr: two choices are the same word"),
        ({"fr": "?"}, {"fr": ("Oui", "2 3")}, "fr: '2 3' is no word"),
        ({"fr": "?"}, {"fr": ("Oui", "")}, "fr: '' is no word"),
        ({"fr": "?"}, {"fr": ("Présent", "Non")}, "fr: 'Présent' would be taken for a command or a report"),
        ({"fr": "?"}, {"fr": ("SRO 12", "Non")}, "fr: 'SRO 12' would be taken for a command or a report"),
        (
            {"fr": "?", "bm": "?"},
            {"fr": ("Oui", "Non"), "bm": ("Awɔ", "Ayi", "Foyi")},
            "the languages have not the same number of choices",
        ),
    ],
)
def test_what_cannot_be_said(
    release: Release, texts: dict[str, str], choices: dict[str, tuple[str, ...]], problem: str
) -> None:
    assert list(wording.problems_of(texts, choices, release, PRODUCTS)) == [problem]


def test_what_can_be_said(release: Release) -> None:
    texts = {"fr": "{name}, {unit} ?", "bm": "{name}"}
    assert list(wording.problems_of(texts, POLL.choices, release, PRODUCTS)) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        (" 2. ", 2),
        ("OUI", 1),
        ("o", 1),
        ("awo!", 1),
        ("2) non", 2),
        ("ayi", 2),
        ("peut être", 0),
        ("peut-etre", 3),
        ("3 peut-être", 3),
        ("n’a sera", 3),
        ("4", 0),
        ("1 non", 0),
        ("", 0),
        ("merci", 0),
    ],
)
def test_a_choice_is_heard_however_it_is_written(release: Release, text: str, number: int) -> None:
    assert chosen(POLL, text, release) == number


def test_a_question_waits_a_week(release: Release) -> None:
    contact = asking(Body("+22376000001", "broadcast", asks="b1", choices=POLL.choices), POLL.at)
    assert waiting(contact, POLL.at + WAITS - 1) == POLL
    assert waiting(contact, POLL.at + WAITS) is None
    assert answered(contact, POLL.at + WAITS, "1", release) is None
    assert waiting({}, 0) is None
    assert asking(Body("+22376000001", "broadcast"), 1) == {}


@pytest.mark.parametrize("language", ["fr", "bm"])
def test_the_thanks_are_one_segment(release: Release, language: str) -> None:
    text = release.words.say(language, "sms.poll_noted", {"answer": "a" * 100})
    assert len(segment(to_gsm(text)).parts) == 1
