"""Who is reminded of what, and when: each line of the settings, at its hours and outside them."""

import pytest
from msgspec import structs

from bot.config import Settings
from bot.config_reminders import Pause
from bot.services.reminders import Due, Silence
from bot.store.trainings import Session
from tests.due.people import Days, Told, at, day, person, with_calendar

CHECKIN = "reminder:checkin:"
TRAINING = Session("F-1", "malaria", "CSRef de Bla", "2026-12-01T08:00", "2026-12-02")
INVITED = '[{"id":"F-1","topic":"malaria","place":"CSRef","date":"2026-12-01T08:00","invited":"2026-11-10"}]'
NEWLY = INVITED.replace("2026-11-10", "2026-11-24")
CAME, STAYED_AWAY = (INVITED.replace("}]", f',"attended":"{how}"' + "}]") for how in ("yes", "no"))


@pytest.fixture
def days(settings: Settings) -> Days:
    return Days(settings, TRAINING)


def kept(when: str, value: str = "") -> str:
    return f"{value}@{at(when)}"


WORKS = {"checkin": kept("2026-11-19 17:00", "present"), "stock": kept("2026-11-19 17:00")}
PAID = {"payment": kept("2026-11-02 08:00")}


@pytest.mark.parametrize(
    ("now", "ids"),
    [
        ("2026-11-20 15:59", []),
        ("2026-11-20 16:00", [f"{CHECKIN}2026-11-20"]),
        ("2026-11-20 19:59", [f"{CHECKIN}2026-11-20"]),
        ("2026-11-20 20:00", []),
        ("2026-11-21 16:00", []),
        ("2026-11-23 08:59", []),
        ("2026-11-23 09:00", ["reminder:stock:2026-11-23"]),
        ("2026-11-23 16:00", [f"{CHECKIN}2026-11-23", "reminder:stock:2026-11-23"]),
        ("2026-11-24 09:30", []),
        ("2026-11-25 09:00", ["reminder:stock:2026-11-23:1"]),
        ("2026-11-26 09:00", ["reminder:stock:2026-11-23:2"]),
        ("2026-11-27 09:00", ["supervisor: stock 4"]),
        ("2026-12-25 16:00", []),
    ],
)
def test_the_week_of_who_has_not_done_it(days: Days, now: str, ids: list[str]) -> None:
    said = {**WORKS, "checkin": kept(now, "present").replace(str(at(now)), str(at(now) - 86_400_000)), **PAID}
    assert sorted(days.ids(now, person(said))) == sorted(ids)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ({"checkin": kept("2026-11-23 07:00", "present")}, []),
        ({"checkin": kept("2026-11-20 07:00", "present")}, [f"{CHECKIN}2026-11-23"]),
        ({"checkin": kept("2026-11-23 00:00", "absent")}, []),
        ({"checkin": kept("2026-11-20 07:00", "absent")}, [f"{CHECKIN}2026-11-23"]),
        ({"checkin": kept("2026-11-02 07:00", "absent:leave")}, []),
        ({"checkin": kept("2026-10-25 07:00", "absent:leave")}, []),
        ({"checkin": kept("2026-10-23 07:00", "absent:ill")}, [f"{CHECKIN}2026-11-23"]),
        ({}, [f"{CHECKIN}2026-11-23"]),
    ],
    ids=["today", "on Friday", "at midnight", "no reason", "on leave", "29 days ago", "long ago", "never"],
)
def test_only_who_has_not_checked_in_and_is_not_away(
    days: Days, said: dict[str, str], ids: list[str]
) -> None:
    told = {"stock": kept("2026-11-23 07:00"), **PAID, **said}
    assert days.ids("2026-11-23 16:00", person(told)) == ids


@pytest.mark.parametrize(
    ("seen", "ids"),
    [
        ({"role": "dtc"}, []),
        ({"products": ""}, [f"{CHECKIN}2026-11-23"]),
        ({}, ["stock", f"{CHECKIN}2026-11-23"]),
    ],
)
def test_an_asc_checks_in_and_counts_what_she_has(days: Days, seen: dict[str, str], ids: list[str]) -> None:
    found = [
        one.replace("reminder:stock:2026-11-23", "stock")
        for one in days.ids("2026-11-23 16:00", person(None, None, **seen))
    ]
    assert sorted(found) == sorted(ids)


@pytest.mark.parametrize(
    ("last", "now", "ids"),
    [
        ("2026-11-18", "2026-11-23", [f"{CHECKIN}2026-11-23"]),
        ("2026-11-17", "2026-11-23", ["supervisor: checkin 3", f"{CHECKIN}2026-11-23"]),
        ("2026-11-06", "2026-11-20", ["supervisor: checkin 9", f"{CHECKIN}2026-11-20"]),
        ("2026-11-06", "2026-11-23", ["supervisor: checkin 10"]),
        ("2026-12-23", "2026-12-30", ["supervisor: checkin 3", f"{CHECKIN}2026-12-30"]),
    ],
    ids=["two days", "three", "nine", "ten", "Christmas is no working day"],
)
def test_the_supervisor_hears_after_three_days_and_she_is_left_alone_after_ten(
    days: Days, last: str, now: str, ids: list[str]
) -> None:
    told = {
        "checkin": kept(f"{last} 17:00", "present"),
        "stock": kept(f"{now} 08:00"),
        "payment": kept(f"{now} 08:00"),
    }
    assert days.ids(f"{now} 16:30", person(told)) == ids


def test_who_never_checked_in_is_silent_from_her_first_reminder_on(days: Days) -> None:
    told = {"stock": kept("2026-11-26 08:00"), **PAID}
    assert days.ids("2026-11-25 16:00", person(told, reminded="2026-11-23")) == [f"{CHECKIN}2026-11-25"]
    found = days.ids("2026-11-26 16:00", person(told, reminded="2026-11-23"))
    assert found == ["supervisor: checkin 3", f"{CHECKIN}2026-11-26"]


def test_after_her_leave_her_silence_counts_from_its_end(days: Days) -> None:
    told = {"checkin": kept("2026-10-23 07:00", "absent:leave"), "stock": kept("2026-11-26 08:00"), **PAID}
    assert days.ids("2026-11-25 16:00", person(told)) == [f"{CHECKIN}2026-11-25"]
    assert days.ids("2026-11-26 16:00", person(told)) == ["supervisor: checkin 3", f"{CHECKIN}2026-11-26"]


def test_a_report_of_the_weekend_counts_for_the_week(days: Days) -> None:
    told = {**WORKS, **PAID, "stock": kept("2026-11-21 00:00")}
    assert days.ids("2026-11-23 09:00", person(told)) == []
    told["stock"] = kept("2026-11-20 23:59")
    assert days.ids("2026-11-23 09:00", person(told)) == ["reminder:stock:2026-11-23"]


@pytest.mark.parametrize(
    ("now", "said", "ids"),
    [
        ("2026-11-05 10:00", "2026-10-30 10:00", ["reminder:payment:2026-11-05"]),
        ("2026-11-05 10:00", "2026-11-01 00:00", []),
        ("2026-11-09 10:00", "2026-10-30 10:00", ["reminder:payment:2026-11-05:1"]),
        ("2026-12-05 10:00", "2026-11-05 10:00", []),
        ("2026-12-07 10:00", "2026-11-05 10:00", ["reminder:payment:2026-12-05"]),
        ("2027-01-05 10:00", "2026-12-05 10:00", ["reminder:payment:2027-01-05"]),
    ],
    ids=["on the 5th", "answered", "three days later is a Sunday", "a Saturday", "its Monday", "a new year"],
)
def test_pay_is_asked_about_each_month(days: Days, now: str, said: str, ids: list[str]) -> None:
    told = {"checkin": kept(now, "present"), "stock": kept(now), "payment": kept(said)}
    assert days.ids(now, person(told)) == ids


def test_it_is_last_months_pay_also_in_january(days: Days) -> None:
    told = {"checkin": kept("2027-01-05 08:00"), "stock": kept("2027-01-05 08:00")}
    (due,) = days.found("2027-01-05 10:00", person(told))
    assert isinstance(due, Due)
    assert due.values == {"service_code": "*123#", "month": "12/2026"}
    assert (due.unless, due.expires) == ("payment:20270105", at("2027-01-05 20:00"))


DONE = {"checkin": kept("2026-11-27 07:00"), "stock": kept("2026-11-30 07:00"), **PAID}


@pytest.mark.parametrize(
    ("now", "answer", "rungs"),
    [
        ("2026-11-24 09:00", "", ["7"]),
        ("2026-11-24 09:00", "unsure", ["7"]),
        ("2026-11-24 09:00", "yes", []),
        ("2026-11-24 09:00", "no", []),
        ("2026-11-25 09:00", "", []),
        ("2026-11-30 09:00", "yes", ["1"]),
        ("2026-11-30 09:00", "no", []),
        ("2026-12-01 07:00", "yes", ["0"]),
        ("2026-12-01 07:00", "no", []),
        ("2026-12-01 08:00", "yes", []),
    ],
)
def test_a_training_is_announced_to_who_has_not_declined(
    days: Days, now: str, answer: str, rungs: list[str]
) -> None:
    told = {**DONE, "training:F-1": kept("2026-11-11 08:00", answer)} if answer else DONE
    ids = [f"reminder:training:2026-12-01:{rung}:F-1" for rung in rungs]
    assert days.ids(now, person(told, training=INVITED)) == ids
    assert days.ids(now, person(told, role="dtc", training=INVITED)) == ids
    assert days.ids(now, person(told)) == []


def test_who_was_invited_the_same_day_hears_it_once(days: Days) -> None:
    assert days.ids("2026-11-24 09:00", person(DONE, training=NEWLY)) == []
    assert len(days.ids("2026-11-30 09:00", person(DONE, training=NEWLY))) == 1


def test_a_cancelled_training_is_not_announced(settings: Settings) -> None:
    days = Days(settings, structs.replace(TRAINING, state="cancelled"))
    assert days.ids("2026-11-30 09:00", person(DONE, training=INVITED)) == []


@pytest.mark.parametrize(
    ("training", "said", "ids"),
    [
        (INVITED, {}, ["reminder:followup:2027-01-04:30:F-1"]),
        (CAME, {}, ["reminder:followup:2027-01-04:30:F-1"]),
        (CAME, {"training:F-1": "no@1"}, ["reminder:followup:2027-01-04:30:F-1"]),
        (STAYED_AWAY, {}, []),
        (INVITED, {"training:F-1": "no@1"}, []),
        (INVITED, {"quiz:F-1": kept("2026-12-02 16:00", "3")}, ["reminder:followup:2027-01-04:30:F-1"]),
        (INVITED, {"quiz:F-1": kept("2026-12-03 00:00", "3")}, []),
        ("", {}, []),
    ],
)
def test_the_quiz_comes_again_after_thirty_days(
    days: Days, training: str, said: dict[str, str], ids: list[str]
) -> None:
    # 2 December and thirty days is 1 January, a Friday and a holiday: the Monday after.
    now = "2027-01-04 11:00"
    told = {"checkin": kept(now), "stock": kept(now), "payment": kept(now), **said}
    assert days.ids("2027-01-01 11:00", person(told, training=training)) == []
    assert days.ids(now, person(told, training=training)) == ids


def test_and_after_ninety_unless_it_was_done_since_the_first(days: Days) -> None:
    now = "2027-03-02 11:00"
    told = {
        "checkin": kept(now),
        "stock": kept(now),
        "payment": kept(now),
        "quiz:F-1": kept("2027-01-03 12:00", "2"),
    }
    assert days.ids(now, person(told, training=INVITED)) == ["reminder:followup:2027-03-02:90:F-1"]
    told["quiz:F-1"] = kept("2027-01-04 12:00", "2")
    assert days.ids(now, person(told, training=INVITED)) == []


def test_what_was_made_is_not_due_again(days: Days) -> None:
    made = {"reminder:stock:2026-11-23:": at("2026-11-23 09:00")}
    assert days.ids("2026-11-23 10:00", person({**WORKS, **PAID}, made)) == []
    assert days.ids("2026-11-25 09:00", person({**WORKS, **PAID}, made)) == ["reminder:stock:2026-11-23:1"]


def test_two_of_one_ladder_are_a_day_apart(days: Days) -> None:
    made = {"reminder:stock:2026-11-23:1": at("2026-11-25 18:30")}
    asc = person({**WORKS, **PAID}, {f"{stem}:": when for stem, when in made.items()})
    assert days.ids("2026-11-26 09:00", asc) == []
    assert days.ids("2026-11-26 18:30", asc)[-1] == "reminder:stock:2026-11-23:2"


def test_where_nobody_can_work_nobody_is_reminded(settings: Settings) -> None:
    pauses = (Pause("BLA", day("2026-11-23"), day("2026-12-01")),)
    days = Days(with_calendar(settings, pauses=pauses), TRAINING)
    assert days.ids("2026-11-23 16:00", person(training=INVITED)) == []
    assert days.ids("2026-11-23 16:00", person(path="ML/SEG/SAN", training=INVITED)) != []
    # Her silence counts only the days on which she could have been heard.
    told = {**DONE, "checkin": kept("2026-11-20 16:00", "present"), "stock": kept("2026-12-03 08:00")}
    assert days.ids("2026-12-03 16:00", person(told)) == [f"{CHECKIN}2026-12-03"]


@pytest.mark.parametrize("name", ["checkin", "stock", "payment", "training", "followup"])
def test_each_can_be_switched_off(settings: Settings, name: str) -> None:
    off = structs.replace(getattr(settings.reminders, name), enabled=False)
    days = Days(
        structs.replace(settings, reminders=structs.replace(settings.reminders, **{name: off})), TRAINING
    )
    told = person(training=INVITED)
    found = {one for now in ("2026-11-05 16:00", "2026-11-23 16:00", "2026-11-30 16:00", "2027-01-04 16:00")
             for one in days.ids(now, told)}  # fmt: skip
    assert {one.split(":")[1] for one in found} == {"checkin", "stock", "payment", "training", "followup"} - {
        name
    }


def test_without_quiet_hours_the_window_is_the_day(settings: Settings) -> None:
    loud = structs.replace(settings, sms=structs.replace(settings.sms, quiet_hours=""))
    (due,) = Days(loud).found(
        "2026-11-23 23:59", Told(person().seen, {"stock": kept("2026-11-23 09:00"), **PAID}, {})
    )
    assert isinstance(due, Due)
    assert due.expires == at("2026-11-24 00:00")


def test_a_silence_names_who_it_is_about(days: Days) -> None:
    told = {"checkin": kept("2026-11-17 17:00"), "stock": kept("2026-11-23 07:00"), **PAID}
    silence, due = days.found("2026-11-23 16:00", person(told))
    assert isinstance(silence, Silence)
    assert isinstance(due, Due)
    assert (silence.person.seen.name, due.unit, due.unless) == ("Awa", "ML/SEG/BLA/FALO", "checkin:20261123")
