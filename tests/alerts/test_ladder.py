"""Where the ladder cannot go straight: nobody there, nobody reached, too much at once, twice at once."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace

import pytest
from msgspec import structs

from bot.house import House
from bot.services import ladder
from bot.services.reminders import Silence
from bot.store.alerts import Raised
from bot.store.outbox import Body, Lost, Outbox
from bot.store.sessions import Message
from bot.text.gsm import segment
from tests.alerts.district import (
    AWA,
    BINTA,
    CENTRAL,
    DISTRICT,
    DTC,
    HOUR,
    OTHER_DTC,
    PEOPLE,
    REGION,
    District,
    person,
)

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def out_of_stock(district: District, msisdn: str = AWA, name: str = "sms-1") -> None:
    await district.phone(msisdn).writes("STOCK SRO 0", name)


async def test_without_a_supervisor_the_head_of_her_centre_hears(district: District) -> None:
    await district.settle(structs.replace(PEOPLE[0], supervisor=""))
    await out_of_stock(district)
    await district.works()
    assert district.told() == [DTC]


async def test_without_anybody_at_her_centre_the_district_hears_at_once(district: District) -> None:
    away = structs.replace(PEOPLE[2], active=False)
    await district.settle(structs.replace(PEOPLE[0], supervisor=""), away)
    await out_of_stock(district)
    await district.works()
    assert district.told() == [DISTRICT]
    await district.works(24 * HOUR)
    assert district.told() == [DISTRICT], "the district has its own delay"
    await district.works(24 * HOUR)
    assert district.told() == [DISTRICT, REGION]


async def test_a_supervisor_who_said_stop_is_passed_over(district: District) -> None:
    await district.phone(DTC).writes("STOP")
    await out_of_stock(district)
    await district.works()
    assert [number for number in district.told() if number != DTC] == [DISTRICT]
    assert len(district.heard(DTC)) == 1, "only that STOP was heard"


async def test_a_supervisor_who_says_stop_before_it_is_sent_is_passed_over_at_once(
    district: District,
) -> None:
    await out_of_stock(district)
    await district.house.leading.ladder.run(district.clock())
    await district.change(DTC, stopped="1")
    await district.works()
    await district.works()
    assert district.told() == [DISTRICT]


async def test_where_nobody_is_it_stays_open_and_somebody_who_comes_later_hears(
    district: District, caplog: pytest.LogCaptureFixture
) -> None:
    gone = [structs.replace(one, active=False) for one in PEOPLE[2:]]
    await district.settle(*gone, PEOPLE[0])
    await out_of_stock(district)
    for _ in range(3):
        await district.works()
    assert (district.told(), caplog.text.count("alert_unheard")) == ([], 1)
    assert (await district.alert()).state == "open"
    await district.settle(PEOPLE[4])
    await district.works(24 * HOUR)
    assert district.told() == [DISTRICT]


async def test_a_supervisor_high_up_hears_first_and_nobody_below_her_after(district: District) -> None:
    await district.settle(structs.replace(PEOPLE[0], supervisor=REGION))
    await out_of_stock(district)
    await district.works()
    for _ in range(3):
        await district.works(100 * HOUR)
    assert district.told() == [REGION]
    assert (await district.alert()).level == 2


async def test_a_district_out_of_stock_is_one_sms_a_supervisor(district: District) -> None:
    team = [person(f"+2237100000{n}", f"ASC {n}", "asc", "FALO", DTC, products=("CTE",)) for n in range(9)]
    await district.settle(*team)
    for one in team:
        await district.phone(one.msisdn).writes("STOCK CTE 0")
    await district.works()
    ((to, text),) = district.heard()
    assert (to, text.splitlines()[0]) == (DTC, "9 alertes :")
    assert len(segment(text).parts) == 1
    await district.works(25 * HOUR)
    ((_, digest),) = district.heard(DISTRICT)
    assert digest.startswith("9 alertes :")


async def test_an_outbreak_does_not_wait_for_the_morning_and_all_else_does(district: District) -> None:
    district.clock.passes(13 * HOUR)
    await out_of_stock(district)
    await district.phone(BINTA).writes("ALERTE cholera 3")
    await district.house.worker().once()
    number = next(one.number for one in await district.alerts() if one.kind == "epidemic")
    told = f"ALERTE Choléra (3) : Binta Keita, CSCom de Falo, tél +22370000002. Répondez OK {number}"
    assert district.heard() == [(DTC, told)]
    await district.works(2 * HOUR)
    assert district.told() == [DTC, DISTRICT], "nor does its ladder"
    await district.works(10 * HOUR)
    assert district.told().count(DTC) == 2


async def test_an_outbreak_that_grows_is_told_again_even_once_acknowledged(district: District) -> None:
    await district.phone().writes("ALERTE cholera 3", "sms-1")
    await district.works()
    number = (await district.alert()).number
    await district.phone(DTC).writes(f"OK {number}")
    await district.phone().writes("ALERTE cholera 7", "sms-2")
    await district.phone().writes("ALERTE cholera 7", "sms-2")
    await district.works()
    alert = await district.alert()
    assert (alert.number, alert.state, alert.round) == (number, "open", 1)
    counts = [text.split(" : ")[0] for _, text in district.heard() if text.startswith("ALERTE")]
    assert counts == ["ALERTE Choléra (3)", "ALERTE Choléra (7)"]


async def test_two_workers_at_once_tell_once(district: District) -> None:
    for number, msisdn in enumerate((AWA, BINTA)):
        await out_of_stock(district, msisdn, f"sms-{number}")
    other = House(district.house.settings, district.house.server, district.clock)
    await other.releases.refresh()
    for _ in range(2):
        await asyncio.gather(*(house.worker().once() for house in (district.house, other, district.house)))
        await asyncio.gather(
            *(house.leading.ladder.run(district.clock()) for house in (district.house, other))
        )
        district.clock.passes(300)
    await other.close()
    ((to, text),) = district.heard()
    assert (to, text.splitlines()[0]) == (DTC, "2 alertes :")
    log = [await district.house.alerts.log(alert.number) for alert in await district.alerts()]
    assert [[entry["what"] for entry in entries] for entries in log] == [["raised", "told"]] * 2


async def test_what_a_country_raises_at_once_is_told_once_each_a_few_at_a_time(district: District) -> None:
    house, many = district.house, 5 * ladder.TOGETHER
    awa, now = PEOPLE[0], district.clock()
    raised = [
        house.alerts.open(
            Raised("stockout", "stockout:SRO", f"+2236{n:07}", "A", awa.org_unit, awa.path, DTC, "{}", now)
        )
        for n in range(many)
    ]
    numbers = set(await asyncio.gather(*raised))
    assert len(numbers) == many
    counting = Counting(house)
    house.leading.ladder._outbox = counting
    for _ in "twice":
        await house.leading.ladder.run(district.clock())
    assert 0 < counting.most <= ladder.TOGETHER, "a few at a time"
    told = [line.id async for line in house.outbox.read()]
    assert sorted(told) == sorted(f"alert:{number}:0" for number in numbers), "each of them once"
    assert await house.alerts.due(district.clock(), 1) == []


class Counting(Outbox):
    """The outbox, counting how many messages are handed to it at one time."""

    def __init__(self, house: House) -> None:
        super().__init__(house.functions, house.settings.store.shards)
        self.most = self.now = 0

    async def queue(self, messages: Iterable[Message]) -> int:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await super().queue(messages)
        finally:
            self.now -= 1


async def test_a_head_of_centre_tells_her_own_supervisor(district: District) -> None:
    await district.phone(OTHER_DTC).writes("ALERTE rougeole 2")
    await district.works()
    assert [number for number in district.told() if number != OTHER_DTC] == [DISTRICT]
    await district.works(100 * HOUR)
    await district.works(100 * HOUR)
    assert [number for number in district.told() if number != OTHER_DTC] == [DISTRICT, REGION]
    assert CENTRAL not in district.told()


async def test_what_the_reminders_raise_ends_with_a_check_in(district: District) -> None:
    for _ in range(2):
        number = await district.house.leading.answers.open(
            AWA, "silent", "checkin", district.clock(), {"what": "@sms.about.checkin", "days": "3"}
        )
    await district.works()
    told = "SANS NOUVELLES (point du jour) depuis 3 j : Awa Traoré, CSCom de Falo, tél +22370000001."
    assert district.heard() == [(DTC, f"{told} Répondez OK {number}")]
    await district.phone().writes("PRESENT")
    assert (await district.alert()).state == "resolved"


async def test_silence_that_the_reminders_find_is_told_in_its_own_words(district: District) -> None:
    leading, now = district.house.leading, district.clock()
    for about in ("checkin", "stock", "stock"):
        await leading.silent(Silence(about, 3, "2026-11-18", SimpleNamespace(msisdn=AWA)), now)  # type: ignore[arg-type]  # all that is asked of a person
    await district.works()
    ((_, digest),) = district.heard()
    assert digest.startswith("2 alertes :\nSans point du jour, 3 j : Awa Traoré (")
    await district.phone().writes("STOCK SRO 50")
    states = {alert.subject: alert.state for alert in await district.alerts()}
    assert states == {"silent:checkin": "open", "silent:stock": "resolved"}


async def test_what_comes_late_of_a_message_changes_nothing(district: District) -> None:
    await out_of_stock(district)
    await district.works()
    stale = await district.alert()
    await district.phone(DTC).writes(f"OK {stale.number}")
    leading, now = district.house.leading, district.clock()
    await leading.missed([Lost("reply:1", Body(to=DTC, kind="reply", text="?"))])
    await leading.bounced(DTC, stale.number, "alert:1")
    assert not await district.house.alerts.told(stale, 1, DISTRICT, now, None)
    assert not await district.house.alerts.unheard(stale, now, None)
    assert await district.house.alerts.get(999_999) is None
    assert (await district.alert()).state == "acknowledged"
    assert (await district.alert()).bounced == ()
