"""Whom a message is for: roles, places, lists, and those who have not."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bot.people import Contact, Unit
from bot.services.audience import Audience, AudienceError, numbers_in, problems_of, within

ZONE = ZoneInfo("Africa/Bamako")
UNITS = {code: Unit(code, code) for code in ("ML", "SEG", "BLA")}
INVITED = '{"id":"F-1","topic":"t","place":"p","date":"2026-11-30T08:00"}'
BOTH = f'[{INVITED},{{"id":"F-2","topic":"t","place":"p","date":"2026-12-30T08:00"}}]'


def local(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1000, ZONE)


def ms(moment: str) -> int:
    return int(dt.datetime.fromisoformat(moment).replace(tzinfo=ZONE).timestamp() * 1000)


def contact(role: str = "asc", training: str = "") -> Contact:
    return Contact("+22376000001", "Awa", role, "BLA", "fr", path="ML/SEG/BLA", training=training)  # type: ignore[arg-type]  # a test says what it means


@pytest.mark.parametrize(
    ("unit", "inside"),
    [
        ("", True),
        ("ML", True),
        ("ML/SEG", True),
        ("SEG", True),
        ("SEG/BLA", True),
        ("BL", False),
        ("ML/BLA", False),
    ],
)
def test_a_place_holds_what_is_below_it(unit: str, inside: bool) -> None:
    assert within("ML/SEG/BLA", unit) is inside


@pytest.mark.parametrize(
    ("who_has_not", "said", "now", "waits"),
    [
        ("checkin", "", "2026-11-21 09:00", True),
        ("checkin", "2026-11-20 23:59", "2026-11-21 00:00", True),
        ("checkin", "2026-11-21 00:00", "2026-11-21 23:59", False),
        ("stock", "2026-11-15 23:59", "2026-11-16 08:00", True),
        ("stock", "2026-11-16 00:00", "2026-11-22 23:59", False),
        ("stock", "2025-12-29 08:00", "2026-01-04 08:00", False),  # 2026W1 begins in 2025
        ("stock", "2026-12-28 08:00", "2027-01-03 08:00", False),  # and 2026W53 ends in 2027
        ("stock", "2026-12-28 08:00", "2027-01-04 08:00", True),
        ("payment", "2026-10-31 23:59", "2026-11-01 00:00", True),
        ("payment", "2026-11-01 00:00", "2026-11-30 00:00", False),
    ],
)
def test_those_who_have_not(who_has_not: str, said: str, now: str, waits: bool) -> None:
    audience = Audience(who_has_not=who_has_not)
    known = {audience.subject: f"12~3@{ms(said)}"} if said else {}
    assert audience.waits_for(contact(), known, local, ms(now)) is waits


@pytest.mark.parametrize("who_has_not", ["checkin", "stock", "payment"])
def test_only_asc_report(who_has_not: str) -> None:
    assert not Audience(who_has_not=who_has_not).waits_for(contact("dtc"), {}, local, 0)


@pytest.mark.parametrize("training", [INVITED, BOTH])
def test_only_those_who_are_invited_can_answer(training: str) -> None:
    audience = Audience(who_has_not="training:F-1")
    assert audience.subject == "training:F-1"
    assert not audience.waits_for(contact(), {}, local, 0)
    assert audience.waits_for(contact(training=training), {}, local, 0)
    assert not audience.waits_for(contact(training=training), {"training:F-1": "yes@1"}, local, 0)
    assert not Audience(who_has_not="quiz:F-9").waits_for(contact(training=training), {}, local, 0)


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        (Audience(), "for whom"),
        (Audience(roles=("chief",)), "no such role: chief"),
        (Audience(unit="ML/XXX"), "no such unit: XXX"),
        (Audience(who_has_not="work"), "--who-has-not work: not known"),
        (Audience(who_has_not="training"), "--who-has-not training: not known"),
        (Audience(who_has_not="checkin:1"), "--who-has-not checkin:1: not known"),
        (Audience(who_has_not="training:F-9"), "training:F-9: no such training; there are: F-1, F-2"),
        (Audience(who_has_not="quiz:F-9"), "no such training; there are: F-1, F-2"),
    ],
)
def test_what_finds_nobody_is_said(audience: Audience, words: str) -> None:
    (problem,) = problems_of(audience, UNITS, ["F-1", "F-2"])
    assert words in problem


def test_what_finds_somebody_is_no_problem() -> None:
    audience = Audience(("asc",), "ML/SEG", ("+22376000001",), "training:F-1")
    assert list(problems_of(audience, UNITS, ["F-1"])) == []
    (none,) = problems_of(audience, UNITS, [])
    assert none.endswith("no such training; there are: none")
    (many,) = problems_of(audience, UNITS, [f"G-{number}" for number in range(12)])
    assert many.endswith("there are: G-2, G-3, G-4, G-5, G-6, G-7, G-8, G-9, G-10, G-11 and 2 more")
    assert str(audience) == "role asc, unit ML/SEG, list 1 numbers, who-has-not training:F-1"


def test_a_list_of_numbers() -> None:
    text = "msisdn,name\n76 00 00 01,Awa\n\n00223 76000002;Binta\n+22376000001\n"
    assert numbers_in(text, "list.csv") == ("+22376000001", "+22376000002")


def test_a_bad_number_of_a_list_is_named() -> None:
    with pytest.raises(AudienceError) as raised:
        numbers_in("76000001\n123\nAwa\n", "list.csv")
    assert [problem[:11] for problem in raised.value.problems] == ["list.csv:2:", "list.csv:3:"]
