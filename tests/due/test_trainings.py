"""Trainings over a real store and provider: who is invited hears it once, what changes is told, who came is noted."""

import pytest
from msgspec import structs

from bot.services import sheets
from bot.services.courses import COLUMNS
from bot.services.trainings import LISTED, among, named
from bot.text.gsm import septets
from tests.due.people import at
from tests.due.week import AWA, BINTA, ESTELLE, FANTA, GAWA, KONE, NAMES, TRAINING, Week

pytestmark = pytest.mark.asyncio(loop_scope="package")

SHEET = "id,topic,place,begins,ends,quiz,state\nF-9,malaria,CSRef de Bla,2026-11-09T08:30,,,\n"


async def takes(week: Week, sheet: str, now: str = "2026-11-01 09:00") -> tuple[int, int, int, list[str]]:
    report = await week.house.planner.import_sessions(sheet, "trainings.csv", at(now))
    told = [str(problem) for problem in report.problems]
    return report.added, report.changed, report.unchanged, told


async def invites(week: Week, *numbers: str, now: str = "2026-11-01 09:00") -> tuple[int, int]:
    session = await week.house.planner.session("F-9")
    assert session is not None
    invited = await week.house.planner.invite(session, lambda one: one.msisdn in numbers, at(now))
    return invited.new, invited.already


async def heard(week: Week, now: str) -> list[tuple[str, str]]:
    """What the phones get then, by name, of all that was queued."""
    before = len(week.standin.sent)
    week.clock.now = at(now)
    await week.house.worker().once()
    return sorted((NAMES[message.number], message.text) for message in week.standin.sent[before:])


async def test_a_sheet_of_sessions_goes_in_and_out(week: Week) -> None:
    assert await takes(week, SHEET) == (1, 0, 0, [])
    assert await takes(week, SHEET) == (0, 0, 1, [])
    exported = await week.house.planner.export_sessions()
    assert exported.splitlines()[1] == "F-9,malaria,CSRef de Bla,2026-11-09T08:30,,,planned"
    assert await takes(week, exported) == (0, 0, 1, [])
    assert exported.splitlines()[0] == ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("F 9,malaria,Bla,2026-11-09T08:30,,,", "id: letters, digits and . _ - only, at most 40"),
        ("F-8,,Bla,2026-11-09T08:30,,,", "topic: empty"),
        ("F-8,malaria,,2026-11-09T08:30,,,", "place: empty"),
        ("F-8,malaria,Bla,,,,", "begins: empty is no day and hour, such as 2026-11-30T08:00"),
        ("F-8,malaria,Bla,2026-11-09,,,", "begins: 2026-11-09 is no day and hour, such as 2026-11-30T08:00"),
        ("F-8,malaria,Bla,2026-11-31T08:00,,,",
         "begins: 2026-11-31T08:00 is no day and hour, such as 2026-11-30T08:00"),
        ("F-8,malaria,Bla,2026-11-09T08:00Z,,,",
         "begins: 2026-11-09T08:00Z is no day and hour, such as 2026-11-30T08:00"),
        ("F-8,malaria,Bla,2026-11-09T08:30,demain,,", "ends: demain is no day, such as 2026-11-30"),
        ("F-8,malaria,Bla,2026-11-09T08:30,2026-11-08,,", "ends: 2026-11-08 is before it begins"),
        ("F-8,malaria,Bla,2026-11-09T08:30,,nutrition,", "quiz: there is no flow quiz_nutrition"),
        ("F-8,malaria,Bla,2026-11-09T08:30,,,perhaps", "state: perhaps is not known: planned or cancelled"),
        ("F-8,malaria,Centre de santé de référence de Bla,2026-11-09T08:30,,,",
         "place: more than 30 letters, which an SMS has no room for"),
        ("F-9,malaria,Bla,2026-11-09T08:30,,,", "id: F-9 is on line 2 already"),
    ],
)  # fmt: skip
async def test_a_row_that_makes_no_sense_is_named_and_the_others_are_kept(
    week: Week, row: str, reason: str
) -> None:
    assert await takes(week, f"{SHEET}{row}\n") == (1, 0, 0, [f"trainings.csv:3: {reason}"])


async def test_a_column_that_is_not_there_changes_nothing(week: Week) -> None:
    await takes(week, SHEET)
    assert await takes(week, "id,state\nF-9,annulée\n") == (0, 1, 0, [])
    session = (await week.house.trainings.sessions())["F-9"]
    assert session == structs.replace(TRAINING, state="cancelled", changes=1)


async def test_who_is_invited_hears_it_once_in_her_language(week: Week) -> None:
    await takes(week, SHEET)
    assert await invites(week, AWA, GAWA, ESTELLE, FANTA) == (3, 0)
    assert await invites(week, AWA, GAWA, BINTA) == (1, 2)
    invitation = "Invitation à la formation Prise en charge du paludisme, 09/11 08:30, CSRef de Bla."
    welele = "I welelen don degelikalan na: Sumayabana furakèli, 09/11 08:30, CSRef de Bla. I bè na wa? *123# sèbèn,"
    found = await heard(week, "2026-11-01 09:05")
    assert [name for name, _ in found] == ["Awa", "Binta", "Estelle", "Gawa"]
    texts = dict(found)
    assert texts["Awa"].startswith(invitation)
    assert texts["Gawa"].startswith(welele)
    assert all(septets(text) <= 160 for text in texts.values())
    assert await heard(week, "2026-11-01 09:10") == []


async def test_who_said_stop_is_invited_without_a_message(week: Week) -> None:
    await takes(week, SHEET)
    await week.says("2026-10-31 08:00", ESTELLE, "STOP")
    assert await invites(week, ESTELLE) == (1, 0)
    assert [text for _, text in await heard(week, "2026-11-01 09:05") if "formation" in text] == []
    session = (await week.house.trainings.sessions())["F-9"]
    assert [one.name for one in await week.house.planner.listed(session)] == ["Estelle"]


async def test_groups_are_roles_below_units(week: Week) -> None:
    await takes(week, SHEET)
    session = (await week.house.trainings.sessions())["F-9"]
    now = at("2026-11-01 09:00")
    assert (await week.house.planner.invite(session, among(("dtc",), ("SEG",)), now)).new == 1
    assert (await week.house.planner.invite(session, among(("asc",), ("KEMENI",)), now)).new == 1
    assert (await week.house.planner.invite(session, among((), ("ML/SEG/BLA",)), now)).new == 6
    assert (await week.house.planner.invite(session, among((), ("ML/MOP",)), now)).new == 0


async def test_a_list_names_people_in_any_writing() -> None:
    numbers, problems = named("msisdn,name\n76 00 00 01,Awa\n123,x\n", "list.csv")
    assert numbers == {AWA}
    assert [str(problem) for problem in problems] == [
        "list.csv:3: msisdn: 3 digits: a number here has 8, one from abroad begins with +"
    ]


async def test_a_training_that_moves_is_told_to_who_is_invited_and_the_flow_knows(week: Week) -> None:
    await takes(week, SHEET)
    await invites(week, AWA)
    await heard(week, "2026-11-01 09:05")
    moved = SHEET.replace("2026-11-09T08:30", "2026-11-16T09:00")
    assert await takes(week, moved) == (0, 1, 0, [])
    ((name, text),) = await heard(week, "2026-11-01 09:10")
    assert (name, "change : 16/11 09:00, CSRef de Bla" in text) == ("Awa", True)
    assert await takes(week, moved) == (0, 0, 1, [])
    assert await heard(week, "2026-11-01 09:15") == []
    assert await invites(week, AWA) == (0, 1)
    await week.works("2026-11-09 07:00")
    assert "Awa training:2026-11-16:7:F-9" in await week.works("2026-11-09 09:00")


async def test_a_training_that_is_cancelled_is_told_and_not_announced_any_more(week: Week) -> None:
    await takes(week, SHEET)
    await invites(week, AWA)
    await heard(week, "2026-11-01 09:05")
    await takes(week, SHEET.replace(",,,\n", ",,,cancelled\n"))
    ((name, text),) = await heard(week, "2026-11-01 09:10")
    assert (name, "annulée" in text) == ("Awa", True)
    assert not [one for one in await week.works("2026-11-08 09:00") if "training" in one]
    await week.calls("2026-11-08 12:00", AWA, "4")
    pin, _ = await week.house.sessions.open("ATUid_x", AWA, 1, at("2026-11-08 12:01"), deep=False)
    assert '"state":"cancelled"' in pin.contact["training"]


async def test_each_change_is_told_however_it_was_before(week: Week) -> None:
    """To another day, back, there again; called off, and on again: who heard the last word knows when to come."""
    await takes(week, SHEET)
    await invites(week, AWA)
    await heard(week, "2026-11-01 09:05")
    moved, off = (
        SHEET.replace("2026-11-09T08:30", "2026-11-16T09:00"),
        SHEET.replace(",,,\n", ",,,cancelled\n"),
    )
    said = ["16/11", "09/11", "16/11", "annul", "09/11", "annul", "09/11"]
    for minute, (sheet, word) in enumerate(
        zip([moved, SHEET, moved, off, SHEET, off, SHEET], said, strict=True), 10
    ):
        assert await takes(week, sheet) == (0, 1, 0, [])
        ((name, text),) = await heard(week, f"2026-11-01 09:{minute}")
        assert (name, word in text) == ("Awa", True), text


async def test_a_change_that_was_stopped_in_the_middle_is_told_once(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    await takes(week, SHEET)
    await invites(week, AWA)
    await heard(week, "2026-11-01 09:05")
    moved = SHEET.replace("2026-11-09T08:30", "2026-11-16T09:00")
    for step in ("put", "invite"):
        with monkeypatch.context() as stopped:
            stopped.setattr(week.house.trainings, step, fails)
            with pytest.raises(ConnectionError):
                await takes(week, moved)
    assert await takes(week, moved) == (0, 1, 0, [])
    assert len(await heard(week, "2026-11-01 09:10")) == 1


async def fails(*_: object, **__: object) -> None:
    raise ConnectionError


async def test_what_is_renamed_only_is_told_to_nobody(week: Week) -> None:
    await takes(week, SHEET)
    await invites(week, AWA)
    await heard(week, "2026-11-01 09:05")
    await takes(week, SHEET.replace("malaria", "diarrhoea"))
    assert await heard(week, "2026-11-01 09:10") == []
    session = (await week.house.trainings.sessions())["F-9"]
    assert session.topic == "diarrhoea"


async def test_the_trainers_list_says_answers_attendance_and_scores(week: Week) -> None:
    await takes(week, SHEET)
    await invites(week, AWA, GAWA, KONE)
    await week.calls("2026-11-02 12:00", AWA, "4", "1", "1", "1", "1", "1")
    await week.calls("2026-11-02 12:10", GAWA, "4", "2", "2")
    session = (await week.house.trainings.sessions())["F-9"]
    rows = [structs.astuple(one) for one in await week.house.planner.listed(session)]
    assert rows == [
        (AWA, "Awa", "Falo", "asc", "yes", "", "3"),
        (KONE, "Dr Koné", "Falo", "dtc", "", "", ""),
        (GAWA, "Gawa", "Falo", "asc", "no", "", ""),
    ]
    filled = sheets.write(
        LISTED, [(*row[:5], came, row[6]) for row, came in zip(rows, ("oui", "non", ""), strict=True)]
    )
    report = await week.house.planner.attend(session, filled, "list.csv")
    assert (report.changed, report.unchanged, report.problems) == (2, 0, [])
    report = await week.house.planner.attend(session, filled, "list.csv")
    assert (report.changed, report.unchanged, report.problems) == (0, 2, [])
    assert [one.attended for one in await week.house.planner.listed(session)] == ["yes", "no", ""]
    # Thirty days later only she who came, and who was not asked to stay away, hears of the quiz.
    assert [one for one in await week.works("2026-12-09 11:00") if "followup" in one] == [
        "Awa followup:2026-12-09:30:F-9"
    ]


async def test_who_was_not_invited_cannot_have_come(week: Week) -> None:
    await takes(week, SHEET)
    await invites(week, AWA)
    session = (await week.house.trainings.sessions())["F-9"]
    sheet = f"msisdn,attended\n{BINTA},oui\n{AWA},peut-être\n12,oui\n"
    report = await week.house.planner.attend(session, sheet, "list.csv")
    assert [str(problem) for problem in report.problems] == [
        f"list.csv:2: msisdn: {BINTA} is not invited",
        "list.csv:3: attended: peut-être is not known: oui or non",
        "list.csv:4: 2 digits: a number here has 8, one from abroad begins with +",
    ]
    assert not await week.house.trainings.attend(BINTA, "F-9", "yes")


async def test_an_old_invitation_is_forgotten_and_a_new_roster_keeps_the_others(week: Week) -> None:
    await takes(week, SHEET)
    await invites(week, AWA)
    await takes(week, "id,topic,place,begins\nF-10,Palu saisonnier,Bla,2028-02-29T08:00\n")
    session = (await week.house.trainings.sessions())["F-10"]
    await week.house.planner.invite(session, lambda one: one.msisdn == AWA, at("2028-02-01 09:00"))
    contact = await week.house.contacts.get(AWA)
    assert contact is not None
    assert ("F-9" in contact.training, "F-10" in contact.training) == (False, True)
    await week.house.contacts.put([structs.replace(contact, training="", name="Awa T.")])
    again = await week.house.contacts.get(AWA)
    assert again is not None
    assert (again.name, again.training) == ("Awa T.", contact.training)
