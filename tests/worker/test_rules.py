"""What is not sent, or not now: each rule shown by what the provider received."""

import pytest

from bot.people import Unit
from bot.services.roster import import_roster
from bot.store.outbox import Body
from bot.store.sessions import Step
from tests.store.contract_store import record
from tests.worker.work import AWA, BINTA, COUMBA, Work, alert, at, leader, reminder

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]

DAY = 86_400
DONE = {"fr": "C'est noté. Merci.", "bm": "A marala. I ni ce."}


async def people(work: Work, *numbers: str, role: str = "asc", language: str = "fr") -> None:
    await work.house.contacts.put([leader(number, role=role, language=language) for number in numbers])


def broadcast(to: str, **said: object) -> Body:
    return Body(to=to, kind="broadcast", **{"key": "common.done", **said})  # type: ignore[arg-type]


async def test_a_reminder_is_said_in_the_language_she_has_when_it_leaves(work: Work) -> None:
    await people(work, AWA, BINTA)
    await work.queue(reminder(AWA), reminder(BINTA))
    await work.house.contacts.change(AWA, language="bm")
    await work.worker.once()
    assert dict(work.heard()) == {AWA: DONE["bm"], BINTA: DONE["fr"]}


async def test_only_active_contacts_of_the_roster_are_reminded(work: Work) -> None:
    await people(work, AWA)
    await work.house.contacts.put([leader(BINTA, active=False)])
    names = await work.queue(reminder(AWA), reminder(BINTA), broadcast(COUMBA))
    await work.worker.once()
    assert work.heard() == [(AWA, DONE["fr"])]
    lines = await work.lines()
    assert [(lines[name].state, lines[name].reason) for name in names[1:]] == [
        ("refused", "not on the roster")
    ] * 2


async def test_who_stops_between_queueing_and_sending_gets_nothing_until_she_starts(work: Work) -> None:
    await people(work, AWA)
    await work.queue(reminder(AWA), broadcast(AWA))
    await work.house.contacts.change(AWA, stopped="1")
    await work.worker.once()
    assert work.heard() == []
    assert {line.reason for line in (await work.lines()).values()} == {"opted out"}
    await work.house.contacts.change(AWA, stopped="0")
    await work.queue(reminder(AWA), name="later")
    await work.worker.once()
    assert work.heard() == [(AWA, DONE["fr"])]


async def test_a_stop_outlives_the_roster(work: Work) -> None:
    await work.house.contacts.put_units([Unit("FALO", "Falo")])
    roster = f"msisdn,name,role,org_unit,language\n{AWA},Awa,asc,FALO,fr\n".encode()
    await import_roster(roster, work.house.contacts, [], ["fr"], "roster.csv")
    await work.house.contacts.change(AWA, stopped="1")
    again = roster.replace(b"Awa,", b"Awa T,")
    assert (await import_roster(again, work.house.contacts, [], ["fr"], "roster.csv")).changed == 1
    await work.queue(reminder(AWA))
    await work.worker.once()
    assert (work.heard(), (await work.line("m:1")).reason) == ([], "opted out")


async def test_in_quiet_hours_only_what_cannot_wait_leaves(work: Work) -> None:
    await people(work, AWA)
    await people(work, BINTA, COUMBA, role="dtc")
    work.clock.now = at("20:00")
    await work.queue(reminder(AWA), broadcast(AWA), alert(BINTA), alert(COUMBA, urgent=True))
    await work.reply(AWA, "Recu")
    work.clock.passes(600)
    await work.worker.once()
    assert sorted(number for number, _ in work.heard()) == [AWA, COUMBA]
    work.clock.now = at("06:59", 22)
    await work.worker.once()
    assert len(work.heard()) == 2
    work.clock.now = at("07:00", 22)
    await work.worker.once()
    assert sorted(number for number, _ in work.heard()[2:]) == [AWA, AWA, BINTA]
    assert {line.attempts for line in (await work.lines()).values()} == {1}, "waiting is no try"


async def test_past_the_daily_cap_it_waits_for_tomorrow_or_is_dropped(work: Work) -> None:
    capped = await work.under(daily_cap=2)
    await people(work, AWA)
    bodies = [reminder(AWA), reminder(AWA), broadcast(AWA, expires=at("18:00")), broadcast(AWA)]
    names = await work.queue(*bodies)
    await work.reply(AWA, "Recu")
    await capped.worker.once()
    await capped.worker.once()
    states = await work.states()
    assert len(work.heard()) == 3, "replies are not counted"
    assert [states[name] for name in names] == ["sent", "sent", "capped", "queued"]
    work.clock.now = at("23:59")
    await capped.worker.once()
    work.clock.now = at("07:00", 22)
    await capped.worker.once()
    assert (len(work.heard()), (await work.states())[names[3]]) == (4, "sent")


async def test_no_cap_for_what_is_urgent_and_none_where_none_is_set(work: Work) -> None:
    capped, free = await work.under(daily_cap=1), await work.under(daily_cap=0)
    await people(work, AWA)
    await work.queue(reminder(AWA), broadcast(AWA, urgent=True), broadcast(AWA))
    await capped.worker.once()
    assert len(work.heard()) == 2
    await work.queue(*[reminder(AWA)] * 5, name="free")
    await free.worker.once()
    assert len(work.heard()) == 7


async def test_a_message_tried_again_counts_once_against_the_cap(work: Work) -> None:
    capped = await work.under(daily_cap=1)
    await people(work, AWA)
    work.standin.behave(AWA, "sender", times=2)
    await work.queue(reminder(AWA))
    for _ in range(3):
        await capped.worker.once()
        work.clock.passes(600)
    assert work.heard() == [(AWA, DONE["fr"])]


async def test_what_is_too_late_is_not_sent(work: Work) -> None:
    await people(work, AWA)
    await work.queue(reminder(AWA, expires=at("12:00")), reminder(AWA, expires=at("12:00") + 1))
    work.clock.now = at("12:00")
    await work.worker.once()
    assert await work.states() == {"m:1": "expired", "m:2": "sent"}
    assert len(work.heard()) == 1


async def test_who_has_done_it_is_not_reminded(work: Work) -> None:
    await people(work, AWA, BINTA)
    bodies = [reminder(number, unless="checkin:20261121") for number in (AWA, BINTA)]
    await work.queue(*bodies, reminder(AWA, unless="checkin:20261122"))
    checkin = record("checkin", {"status": "present"}, msisdn=AWA)
    await work.house.sessions.commit(Step(msisdn=AWA, request="r", reply="", records=(checkin,)))
    await work.worker.once()
    assert await work.states() == {"m:1": "needless", "m:2": "sent", "m:3": "sent"}
    assert sorted(number for number, _ in work.heard()) == [AWA, BINTA]


async def test_the_same_message_is_queued_once_and_known(work: Work) -> None:
    await people(work, AWA)
    await work.queue(reminder(AWA), reminder(AWA))
    outbox = work.house.outbox
    assert await outbox.known({AWA: ["m:1", "m:3"], BINTA: ["m:2"]}) == {"m:1"}
    await work.queue(reminder(AWA, key="other"), reminder(AWA), reminder(AWA))
    await work.worker.once()
    assert [text for _, text in work.heard()] == [DONE["fr"]] * 3
    assert await outbox.queue([]) == 0
