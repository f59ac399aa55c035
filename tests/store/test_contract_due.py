"""The roster as reminders read it, and invitations: the same on one server, a server and a cluster."""

import asyncio

import pytest
from msgspec import json
from msgspec.structs import replace

from bot.people import Contact
from bot.services.invitations import Invitation, invitations
from bot.store import roster
from bot.store.roster import Person, Roster
from bot.store.trainings import Session, Trainings
from tests.store.contract_store import AWA, BINTA, COUMBA, NOW, Store

pytestmark = pytest.mark.asyncio(loop_scope="session")

HER = Contact(AWA, "Awa", "asc", "FALO", "bm", supervisor=BINTA, products=("SRO",), path="ML/FALO")
SESSION = Invitation("F-1", "malaria", "Bla", "2026-11-30T08:00", invited="2026-11-21")


async def read(store: Store, *stems: str, reachable: bool = True, whole: bool = True) -> dict[str, Person]:
    people = Roster(store.functions, store.shards).people(
        ("checkin", "stock"), stems, reachable=reachable, whole=whole
    )
    return {person.msisdn: person async for chunk in people for person in chunk}


async def test_who_may_be_written_to_is_read_with_what_she_said_and_was_sent(store: Store) -> None:
    stopped, gone = replace(HER, msisdn=BINTA, stopped=True), replace(HER, msisdn=COUMBA, active=False)
    await store.contacts.put([HER, stopped, gone])
    shard = store.shard(AWA)
    await store.server.tick.call("HSET", shard.known(AWA), "checkin", f"present@{NOW}")
    await store.server.tick.call("HSET", f"{shard.messages}reminder:x:{AWA}", "made", NOW)
    found = await read(store, "reminder:x:", "reminder:y:")
    assert found.keys() == {AWA}
    awa = found[AWA]
    assert (awa.said, awa.made) == ((f"present@{NOW}", ""), (str(NOW), ""))
    assert (awa.seen.name, awa.seen.path, awa.seen.products, awa.seen.training) == (
        "Awa",
        "ML/FALO",
        "SRO",
        "",
    )
    assert (await read(store)).keys() == {AWA}
    assert (await read(store, reachable=False)).keys() == {AWA, BINTA, COUMBA}
    assert (await read(store, whole=False))[AWA].seen.name == ""


async def test_all_are_read_however_many_there_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "CHUNK", 2)
    numbers = [f"+2237610{number:04d}" for number in range(60)]
    await store.contacts.put(replace(HER, msisdn=number) for number in numbers)
    assert sorted(await read(store, "reminder:x:")) == numbers


async def test_a_number_on_no_roster_is_not_read(store: Store) -> None:
    await store.contacts.change(AWA, language="bm")
    await store.server.tick.call("SADD", store.shard(AWA).contacts, AWA)
    assert await read(store, reachable=False) == {}


async def test_the_first_reminder_is_noted_once_and_a_silence_each_time(store: Store) -> None:
    await store.contacts.put([HER])
    people = Roster(store.functions, store.shards)
    for day in ("2026-11-21", "2026-11-22"):
        await people.first_reminded([AWA], day)
        await people.told(AWA, "stock", day)
    seen = (await read(store))[AWA].seen
    assert (seen.reminded, seen.told_stock, seen.told_checkin) == ("2026-11-21", "2026-11-22", "")


async def kept(store: Store) -> list[Invitation]:
    contact = await store.contacts.get(AWA)
    assert contact is not None
    return invitations(contact.training)


async def test_an_invitation_is_kept_once_and_what_became_of_it_with_it(store: Store) -> None:
    await store.contacts.put([HER])
    trainings = Trainings(store.functions, store.shards)
    told, forget = json.encode(SESSION), "2025-11-21"
    assert await trainings.invite([AWA, BINTA], told, forget, only_held=True) == []
    assert await kept(store) == []
    asked = await asyncio.gather(*(trainings.invite([AWA, BINTA], told, forget) for _ in range(3)))
    assert sorted(asked) == [[], [], [AWA]]
    assert await trainings.attend(AWA, "F-1", "yes")
    assert not await trainings.attend(AWA, "F-2", "yes")
    moved = json.encode(replace(SESSION, date="2026-12-01T08:00", invited="2026-11-25"))
    assert await trainings.invite([AWA], moved, forget, only_held=True) == []
    assert await kept(store) == [replace(SESSION, date="2026-12-01T08:00", attended="yes")]


async def test_invitations_stand_side_by_side_until_they_are_old(store: Store) -> None:
    await store.contacts.put([replace(HER, training=json.encode(SESSION).decode())])
    trainings = Trainings(store.functions, store.shards)
    later = replace(SESSION, id="F-2", date="2026-12-10T08:00", ends="2026-12-12")
    await trainings.invite([AWA], json.encode(later), "2026-11-30")
    assert [one.id for one in await kept(store)] == ["F-1", "F-2"]
    last = replace(SESSION, id="F-3", date="2028-01-01T08:00")
    await trainings.invite([AWA], json.encode(last), "2026-12-12")
    assert [one.id for one in await kept(store)] == ["F-2", "F-3"]


async def test_sessions_come_back_in_order(store: Store) -> None:
    trainings = Trainings(store.functions, store.shards)
    await trainings.put([])
    assert await trainings.sessions() == {}
    late, early = Session("A", "t", "p", "2026-12-01T08:00"), Session("B", "t", "p", "2026-11-01T08:00")
    await trainings.put([late, early])
    assert list((await trainings.sessions()).values()) == [early, late]
    await trainings.put([replace(late, begins="2026-10-01T08:00")])
    assert list(await trainings.sessions()) == ["A", "B"]
