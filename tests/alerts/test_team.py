"""A leader's menu over HTTP: what she has at hand is pinned with her call; what she decides is done, once."""

import pytest
from msgspec import structs

from bot.app import listening
from bot.house import House
from bot.store.keys import Shard, shard_of
from bot.store.sessions import Pin
from tests.alerts.district import AWA, BINTA, CENTRAL, DISTRICT, DTC, OTHER_DTC, REGION, District, person
from tests.calls import Phone

pytestmark = pytest.mark.asyncio(loop_scope="package")

NEW = "+22379000001"


async def first_screen(district: District, msisdn: str) -> str:
    phone = district.phone(msisdn)
    await phone.dials()
    return (await phone.types("1")).split("\n")[0]


async def test_each_level_sees_those_below_it(district: District) -> None:
    await district.phone().writes("PRESENT")
    assert await first_screen(district, DTC) == "CON Au point : 1/2. Alertes : 0. Demandes : 0."
    assert await first_screen(district, OTHER_DTC) == "CON Au point : 0/0. Alertes : 0. Demandes : 0."
    assert await first_screen(district, DISTRICT) == "CON Au point : 1/2. Alertes : 0. Demandes : 0."
    assert await first_screen(district, REGION) == "CON Au point : 1/2. Alertes : 0. Demandes : 0."


async def test_who_has_moved_to_another_team_is_in_that_one_only(district: District) -> None:
    contact = await district.house.contacts.get(AWA)
    assert contact is not None
    await district.settle(structs.replace(contact, supervisor=OTHER_DTC))
    assert await first_screen(district, DTC) == "CON Au point : 0/1. Alertes : 0. Demandes : 0."
    assert await first_screen(district, OTHER_DTC) == "CON Au point : 0/1. Alertes : 0. Demandes : 0."


async def test_any_worker_shows_what_was_at_hand_when_she_dialled(district: District) -> None:
    await district.phone().writes("STOCK SRO 0")
    phone = district.phone(DTC)
    await phone.dials()
    shown = await phone.types("1", "1")
    await district.phone().writes("STOCK SRO 50")
    other = House(district.house.settings, district.house.server, district.clock)
    await other.releases.refresh()
    async with listening(other, simulator=False) as url:
        elsewhere = Phone(district.client, url, DTC)
        assert await elsewhere.asks("1*1", phone.session) == shown
        assert "RUPTURE SRO" in await elsewhere.asks("1*1*1", phone.session)
    await other.close()
    assert (await phone.types("1", "1")).startswith("END Alerte")
    assert (await district.alert()).state == "resolved", "it is over, whatever she sees"


async def test_a_choice_that_comes_twice_is_carried_out_once(district: District) -> None:
    await district.phone().writes("STOCK SRO 0")
    phone = district.phone(DTC)
    await phone.dials()
    ends = await phone.types("1", "1", "1", "1")
    assert await phone.asks("1*1*1*1") == ends
    number = (await district.alert()).number
    assert [entry["what"] for entry in await district.house.alerts.log(number)] == ["raised", "acknowledged"]


async def test_what_another_worker_pinned_first_stands(district: District) -> None:
    teams, sessions = district.house.leading.teams, district.house.sessions
    pin, _ = await sessions.open("call-1", DTC, 1, district.clock(), deep=False)
    first = await teams.pinned("call-1", DTC, pin)
    await district.phone().writes("STOCK SRO 0")
    assert await teams.pinned("call-1", DTC, pin) == first
    assert await teams.pinned("call-1", DTC, first) == first
    later = Pin(pin.at + 1, 1, pin.contact, pin.known)
    assert (await teams.pinned("call-1", DTC, later)).at == later.at


async def test_a_newcomer_is_confirmed_and_told(district: District) -> None:
    phone = district.phone(NEW)
    await phone.dials()
    await phone.types("2", "1", "Fanta Diallo", DTC)
    await district.works()
    assert [number for number, _ in district.heard()] == [DTC]
    dtc = district.phone(DTC)
    await dtc.dials()
    assert (await dtc.types("1", "3", "1", "1")) == "END Fanta Diallo est dans votre équipe. Merci."
    await dtc.asks("1*3*1*1")
    await district.works()
    contact = await district.house.contacts.get(NEW)
    assert contact is not None
    assert (contact.role, contact.org_unit, contact.supervisor, contact.language, contact.path) == (
        "asc",
        "FALO",
        DTC,
        "bm",
        "ML/SEG/BLA/FALO",
    )
    assert contact.products == ("SRO", "CTE"), "what her team holds"
    (welcome,) = district.standin.texts_to(NEW)
    assert welcome.startswith("I bisimila Kunnafoni la: Dr Fanta Doumbia")
    assert (await district.alert()).state == "resolved"
    assert await first_screen(district, DTC) == "CON Au point : 0/3. Alertes : 0. Demandes : 0."


async def test_only_whom_she_named_may_confirm_her(district: District) -> None:
    phone = district.phone(NEW)
    await phone.dials()
    await phone.types("1", "1", "Fanta Diallo", DTC)
    number = (await district.alert()).number
    answers, now = district.house.leading.answers, district.clock()
    for verb, who in (
        ("confirm", OTHER_DTC),
        ("confirm", AWA),
        ("confirm", "+22379999999"),
        ("resolve", AWA),
    ):
        done = await answers._handle(verb, number, "r", who, now)
        assert done.outcome == "not_hers"
    assert (await answers._handle("confirm", 999_999, "r", DTC, now)).outcome == "none"
    assert (await answers._handle("resolve", 999_999, "r", DTC, now)).outcome == "none"
    assert "doit la confirmer" in await phone.dials()
    assert (await answers._handle("refuse", number, "r", DTC, now)).outcome == "done"
    assert await district.house.contacts.get(NEW) is None
    assert "n'a pas été acceptée" in await phone.dials(), "she is told, and may ask somebody else"
    assert (await phone.types("2")).startswith("END Entendu.")
    district.clock.passes(60)
    await phone.dials()
    await phone.types("1", "Fanta Diallo", OTHER_DTC)
    assert "doit la confirmer" in await phone.dials()
    assert [(one.state, one.supervisor) for one in await district.alerts()] == [
        ("resolved", DTC),
        ("open", OTHER_DTC),
    ]


async def test_statut_names_who_is_missing(district: District) -> None:
    firsts = ("Aïssata", "Bakary", "Coumba", "Djénéba", "Hawa", "Issa")
    names = ["Fanta", *(f"{first} Coulibaly" for first in firsts)]
    await district.settle(
        *(person(f"+2237200000{n}", name, "asc", "DIARA", OTHER_DTC) for n, name in enumerate(names))
    )
    await district.phone(OTHER_DTC).writes("STATUT")
    await district.phone(BINTA).writes("STATUT")
    for msisdn in (AWA, BINTA):
        await district.phone(msisdn).writes("PRESENT")
    await district.phone(DTC).writes("statut")
    await district.phone(CENTRAL).writes("STATUT")
    await district.works()
    missing = "Aissata C., Bakary C., Coumba C., Djénéba C., Fanta, Hawa C., Issa C."
    assert district.heard(OTHER_DTC)[0][1] == f"Au point : 0/7. Alertes ouvertes : 0. Manquent : {missing}"
    assert district.heard(DTC)[0][1] == "Au point : 2/2, personne ne manque. Alertes ouvertes : 0."
    assert district.heard(CENTRAL)[0][1].startswith("Au point : 2/9.")
    assert any(text.startswith("PRESENT / ABSENT.") for text in district.standin.texts_to(BINTA))


async def test_who_was_here_another_day_is_missing_today(district: District) -> None:
    await district.phone().writes("PRESENT")
    district.clock.passes(24 * 3600)
    phone = district.phone(DTC)
    await phone.dials()
    await phone.types("1", "2")
    assert await phone.types("1") == "END Awa Traoré +22370000001. Dernier point : 21/11"


async def test_a_store_filled_before_there_were_teams_finds_them_out(district: District) -> None:
    tick, shards = district.house.server.tick, district.house.settings.store.shards
    for number in range(shards):
        await tick.call("DEL", Shard(number).leaders)
    for leader in (DTC, DISTRICT, REGION, CENTRAL):
        await tick.call("DEL", shard_of(leader, shards).team(leader))
    await district.phone().writes("STOCK SRO 0")
    await district.works()
    assert district.told() == [DTC]
    assert await first_screen(district, DISTRICT) == "CON Au point : 0/2. Alertes : 0. Demandes : 0."


async def test_who_is_on_the_roster_by_now_is_left_as_she_is(district: District) -> None:
    phone = district.phone(NEW)
    await phone.dials()
    await phone.types("1", "1", "Fanta Diallo", DTC)
    await district.settle(person(NEW, "Fanta Diallo", "asc", "DIARA", OTHER_DTC))
    dtc = district.phone(DTC)
    await dtc.dials()
    await dtc.types("1", "3", "1", "1")
    contact = await district.house.contacts.get(NEW)
    assert contact is not None
    assert contact.supervisor == OTHER_DTC


async def test_an_alert_of_a_rule_that_is_gone_is_listed_as_it_is_kept(district: District) -> None:
    raised = await district.house.leading.answers.open(AWA, "silent", "checkin", district.clock(), {})
    key = f"{Shard(raised % district.house.settings.store.shards).alert}{raised}"
    await district.house.server.tick.call("HSET", key, "kind", "rained")
    phone = district.phone(DTC)
    await phone.dials()
    assert f"1 {raised} rained Awa Traoré\n" in await phone.types("1", "1")
