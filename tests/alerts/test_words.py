"""What alerts say: one segment at its longest, in each language; what the settings may say about a rule."""

from pathlib import Path

import pytest

from bot import rules
from bot.checking import rule_problems
from bot.config import ConfigError, Settings, load
from bot.flow.release import Release
from bot.people import Contact
from bot.rules.silent import ABOUT
from bot.services import sending
from bot.services.judging import NAME, UNIT, Judge
from bot.store.outbox import Body
from bot.text.gsm import segment

LONGEST = {
    "name": "W" * NAME,
    "unit": "W" * UNIT,
    "msisdn": "+22376123456",
    "number": "999999",
    "product": "WWWWWW",
    "quantity": "9999",
    "level": "9999",
    "cases": " (99)",
    "month": "10/2026",
    "training": "F-2026-11-30-KADIO",
    "days": "99",
}
WHAT = [f"@alert.event.{event}" for event in ("bloody_diarrhoea", "tetanus", "flu", "yellow_fever")] + [
    "W" * 40
]


def said(release: Release, language: str, key: str, **values: str) -> str:
    leader = Contact("+22370000101", "Dr", "dtc", "FALO", language)
    body = Body(to=leader.msisdn, kind="alert", key=key, values={**LONGEST, **values})
    text = sending.written(body, leader, release)
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize("language", ["fr", "bm"])
@pytest.mark.parametrize("rule", list(rules.load()))
def test_an_alert_is_one_segment_at_its_longest(release: Release, rule: str, language: str) -> None:
    whys = ["@checkin.why.insecurity", "@checkin.why.displaced"]
    abouts = [f"@sms.about.{about}" for about in ABOUT] if rule == "silent" else WHAT
    for what in abouts:
        for why in whys:
            text = said(release, language, f"alert.{rule}.told", what=what, why=why)
            assert len(segment(text).parts) == 1, (len(text), text)
            assert len(said(release, language, f"alert.{rule}.line", what=what, why=why)) < 90


def settings(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return load(file, {})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[alerts.stockot]\nenabled = true\n",
            "config.toml:1: alerts.stockot: no such rule; there are: absent, ",
        ),
        (
            "[alerts.low]\nenabled = true\nurgnet = true\n",
            "config.toml:3: alerts.low.urgnet: no such setting, urgent",
        ),
        (
            '[alerts.low]\nescalate = ["soon"]\n',
            "config.toml:2: alerts.low.escalate: expected a delay such as",
        ),
    ],
)
def test_what_a_rule_cannot_take_stops_the_start_with_its_line(
    tmp_path: Path, release: Release, text: str, problem: str
) -> None:
    said = settings(tmp_path, text)
    with pytest.raises(ConfigError) as stopped:
        Judge(said)
    assert problem in str(stopped.value)
    assert [str(one) for one in rule_problems(said, release)] == str(stopped.value).split("\n")


def test_a_rule_that_is_switched_off_finds_nothing_and_has_its_delays_no_more(tmp_path: Path) -> None:
    judge = Judge(settings(tmp_path, '[alerts.low]\nenabled = false\n[alerts.silent]\nescalate = ["90m"]\n'))
    assert judge.delays("silent") == (5_400_000,)
    assert judge.delays("gone") == ()
    assert "low" not in judge._rules


def test_a_rule_without_words_is_a_problem(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {**rules.load(), "rained": rules.load()["silent"]}
    monkeypatch.setattr(rules, "load", lambda: found)
    problems = [str(one) for one in rule_problems(Settings(), release)]
    assert problems == [
        f"locales/fr.po:1: `alert.rained.{which}` has no words: a rule says them"
        for which in ("told", "line", "many")
    ]
