"""What a reminder says fits one SMS at its longest, in every language, and is there at all."""

import pytest
from msgspec import structs

from bot import checking, files
from bot.config import Settings
from bot.flow.release import Release, Source
from bot.services.agenda import KEYS, Agenda
from bot.services.calendar import Calendar
from bot.services.courses import MOST
from bot.services.sending import say
from bot.store.trainings import Session
from bot.text.fold import to_gsm
from bot.text.gsm import is_gsm, septets
from tests.due.people import BAMAKO

LONGEST = {"service_code": "*36123#", "month": "11/2026", "date": "30/11 08:00", "place": "W" * MOST}
TOPICS = ("malaria", "diarrhoea", "pneumonia", "newborn")


@pytest.mark.parametrize("language", ["fr", "bm"])
@pytest.mark.parametrize("key", KEYS)
def test_it_fits_one_sms(release: Release, key: str, language: str) -> None:
    for topic in ("W" * MOST, *(f"@training.topic.{topic}" for topic in TOPICS)):
        text = to_gsm(say(release, language, key, {**LONGEST, "topic": topic}))
        assert is_gsm(text)
        assert septets(text) <= 160, text


@pytest.mark.parametrize("language", ["fr", "bm"])
@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_has_a_quiz_of_its_own_with_three_questions(
    release: Release, topic: str, language: str
) -> None:
    assert release.words.get(language, f"training.topic.{topic}") is not None
    asks = list(release.flows[f"quiz_{topic}"].asks())
    assert len(asks) == 3
    assert all(ask.right for ask in asks)


def test_what_a_message_names_is_what_its_words_name(release: Release, settings: Settings) -> None:
    agenda = Agenda(settings, Calendar(settings.calendar, BAMAKO))
    values = agenda.said(Session("F-1", "Palu", "Bla", "2026-11-09T08:30"), str)
    assert values == {"service_code": "*123#", "topic": "Palu", "place": "Bla", "date": "09/11 08:30"}
    assert (
        say(release, "fr", "reminder.cancelled", values)
        == "La formation Palu, 09/11 08:30, Bla, est annulée."
    )


def test_words_that_are_missing_are_a_problem(shipped: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    french = shipped.words["fr"].replace('msgid "reminder.stock"\n', 'msgid "reminder.stocks"\n')
    without = structs.replace(shipped, words={"fr": french})
    monkeypatch.setattr(files, "source", lambda _: without)
    found = [problem.message for problem in checking.problems((), None, {})]
    assert "`reminder.stock` has no words, and is said by a reminder" in found
