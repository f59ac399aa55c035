"""A week moved through: exactly the expected people get exactly the expected reminders, each once."""

import pytest

from bot.text.gsm import septets
from tests.due.people import at
from tests.due.week import AWA, BINTA, COUMBA, ESTELLE, GAWA, HOURS, KONE, MARIAM, Week

pytestmark = pytest.mark.asyncio(loop_scope="package")

DAYS = [f"2026-11-{day:02d}" for day in range(2, 10)]
WEEK = {
    "2026-11-02 09:00": ["Binta stock:2026-11-02", "Djeneba stock:2026-11-02", "Mariam stock:2026-11-02",
                         "Awa stock:2026-11-02", "Gawa stock:2026-11-02",
                         "Awa training:2026-11-09:7:F-9", "Gawa training:2026-11-09:7:F-9"],
    "2026-11-02 16:00": ["Binta checkin:2026-11-02", "Djeneba checkin:2026-11-02", "Gawa checkin:2026-11-02"],
    "2026-11-03 16:00": ["Binta checkin:2026-11-03", "Mariam checkin:2026-11-03"],
    # The Wednesday is a holiday: the first of the ladder's nags comes on Thursday.
    "2026-11-05 09:00": ["Binta stock:2026-11-02:1"],
    "2026-11-05 10:00": ["Awa payment:2026-11-05", "Binta payment:2026-11-05", "Coumba payment:2026-11-05",
                         "Gawa payment:2026-11-05"],
    "2026-11-05 16:00": ["Binta checkin:2026-11-05", "Gawa checkin:2026-11-05", "Mariam checkin:2026-11-05"],
    "2026-11-06 09:00": ["Binta stock:2026-11-02:2"],
    "2026-11-06 16:00": ["Awa checkin:2026-11-06", "Binta checkin:2026-11-06", "Gawa checkin:2026-11-06",
                         "Mariam checkin:2026-11-06"],
    "2026-11-08 09:00": ["Awa training:2026-11-09:1:F-9", "Dr Koné training:2026-11-09:1:F-9"],
    "2026-11-09 07:00": ["Awa training:2026-11-09:0:F-9", "Dr Koné training:2026-11-09:0:F-9"],
    "2026-11-09 09:00": ["Awa stock:2026-11-09", "Binta stock:2026-11-09", "Gawa stock:2026-11-09",
                         "Mariam stock:2026-11-09"],
    "2026-11-09 10:00": ["Awa payment:2026-11-05:1", "Binta payment:2026-11-05:1", "Coumba payment:2026-11-05:1"],
    "2026-11-09 16:00": ["Awa checkin:2026-11-09", "Binta checkin:2026-11-09", "Gawa checkin:2026-11-09",
                         "Mariam checkin:2026-11-09"],
}  # fmt: skip
"""What leaves at each moment of the week; at all others nothing does."""

SAID = {
    "2026-11-02 12:00": [
        (AWA, "PRESENT"),
        (AWA, "STOCK SRO 5"),
        (MARIAM, "PRESENT"),
        (MARIAM, "STOCK SRO 9"),
    ],
    "2026-11-03 08:00": [(AWA, "PRESENT"), (GAWA, "PRESENT"), (GAWA, "STOCK SRO 7")],
    "2026-11-05 08:00": [(AWA, "PRESENT")],
}
"""What they write meanwhile: Awa all week but on Friday, Mariam on Monday, Gawa on Tuesday, Binta nothing."""
CALLED = {"2026-11-05 10:30": [(GAWA, "5", "2"), (GAWA, "4", "2")]}
"""What they dial: Gawa was not paid, and does not come to the training."""
INVITED = ["Awa", "Gawa", "Dr Koné"]
"""Who is told so before the week: not Estelle, who said STOP."""


async def begins(week: Week) -> None:
    """Coumba goes on leave, Estelle wants no messages, some are invited, Mariam is paid, Dr Koné will come."""
    await week.says("2026-10-30 08:00", COUMBA, "ABSENT", "3")
    await week.says("2026-10-30 09:00", ESTELLE, "STOP")
    await week.invites("2026-10-31 09:00")
    await week.calls("2026-11-01 10:00", MARIAM, "5", "1")
    await week.calls("2026-11-01 10:05", KONE, "3", "1")
    await week.works("2026-11-01 10:10")


async def lives(week: Week) -> dict[str, list[str]]:
    """The week, with what was new after each moment; before it, it was rehearsed."""
    found: dict[str, list[str]] = {}
    moments = sorted([*SAID, *CALLED, *(f"{day} {hour}" for day in DAYS for hour in HOURS)])
    for now in moments:
        for number, text in SAID.get(now, ()):
            await week.says(now, number, text)
        for number, *typed in CALLED.get(now, ()):
            await week.calls(now, number, *typed)
        rehearsed = await week.rehearses(now)
        found[now] = await week.works(now)
        assert rehearsed == found[now]
    return found


async def test_a_week_goes_as_it_should(week: Week) -> None:
    await begins(week)
    found = await lives(week)
    assert {when: names for when, names in found.items() if names} == {
        when: sorted(names) for when, names in WEEK.items()
    }
    assert set((await week.reminders()).values()) == {"sent"}
    got = await week.got()
    assert got == await week.told()
    assert got.total() == sum(map(len, WEEK.values())) + len(INVITED)
    assert all(septets(text) <= 160 for _, text in got)
    assert week.silences == {("Binta", "checkin", "2026-11-01"), ("Mariam", "checkin", "2026-11-02")}


async def test_each_hears_it_in_her_language(week: Week) -> None:
    await week.works("2026-11-02 16:00")
    got = await week.got()
    said = "Rappel : c'est le jour du stock. Composez *123#, puis Stock, ou envoyez par exemple STOCK SRO 12 CTE 5."
    assert (BINTA, said) in got
    assert (
        GAWA,
        "Hakililajigin: bi ye furaw hakè don ye. *123# sèbèn, walima a ci: STOCK SRO 12 CTE 5.",
    ) in got


@pytest.mark.parametrize(("back", "sent"), [("17:00", 1), ("19:59", 1), ("20:00", 0), ("23:30", 0)])
async def test_a_worker_that_was_away_sends_it_late_but_not_after_its_day(
    week: Week, back: str, sent: int
) -> None:
    found = await week.works(f"2026-11-06 {back}")
    assert found.count("Binta checkin:2026-11-06") == sent
    assert "Binta checkin:2026-11-06" not in await week.works("2026-11-09 07:00")


async def test_who_checks_in_before_it_leaves_is_spared(week: Week) -> None:
    week.clock.now = at("2026-11-06 16:00")
    await week.house.reminders.run(week.clock())
    await week.says("2026-11-06 16:00", BINTA, "PRESENT")
    await week.works("2026-11-06 16:01")
    states = await week.reminders()
    assert (states["Binta checkin:2026-11-06"], states["Awa checkin:2026-11-06"]) == ("needless", "sent")


async def test_who_has_no_moment_costs_no_reading(week: Week) -> None:
    assert [chunk async for chunk in week.house.reminders.due(at("2026-11-07 12:00"))] == []
    asked = week.house.reminders.due(at("2026-11-06 16:00"))
    assert [chunk async for chunk in asked] != []


async def test_her_supervisor_hears_of_her_silence_once_and_her_check_in_ends_it(week: Week) -> None:
    week.house.reminders.silent = week.house.leading.silent
    for now in (
        "2026-11-02 16:00",
        "2026-11-03 16:00",
        "2026-11-05 16:00",
        "2026-11-06 16:00",
        "2026-11-06 16:10",
    ):
        await week.works(now)
    alerts = [line.contact async for line in week.house.alerts.read()]
    assert sorted(alerts) == ["Awa", "Binta", "Coumba", "Estelle", "Gawa", "Mariam"]
    (told,) = week.standin.texts_to(KONE)
    assert told == "6 alertes :\nSans point du jour : 6 ASC"
    await week.says("2026-11-06 17:00", BINTA, "PRESENT")
    states = {line.contact: line.state async for line in week.house.alerts.read()}
    assert (states["Binta"], states["Awa"]) == ("resolved", "open")
    await week.works("2026-11-09 16:00")
    assert len([line async for line in week.house.alerts.read()]) == 6
