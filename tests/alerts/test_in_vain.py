"""A telling that reaches nobody: the next is told, under a name of her own, or it stays open."""

import pytest
from msgspec import structs

from bot.services import ladder
from bot.store.keys import shard_of
from tests.alerts.district import DISTRICT, DTC, HOUR, PEOPLE, District, person
from tests.alerts.test_ladder import out_of_stock
from tests.standin import Refuse

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_number_the_provider_refuses_is_passed_over_at_once(district: District) -> None:
    district.standin.behave(DTC, Refuse(403))
    await out_of_stock(district)
    await district.works()
    await district.works()
    assert district.told() == [DISTRICT]
    alert = await district.alert()
    assert (alert.bounced, alert.heard) == ((DTC,), (DISTRICT,))


async def test_a_number_that_is_told_to_be_wrong_later_is_passed_over_then(district: District) -> None:
    await out_of_stock(district)
    await district.works()
    for _ in range(2):
        await district.standin.report(
            f"{district.url}/africastalking/delivery?key=sandbox",
            district.standin.sent[-1],
            "Failed",
            failureReason="UserDoesNotExist",
        )
    await district.works()
    assert district.told() == [DTC, DISTRICT]


async def test_a_message_in_vain_to_the_only_one_there_is_leaves_it_open(district: District) -> None:
    gone = [structs.replace(one, active=False) for one in PEOPLE[3:]]
    await district.settle(*gone, PEOPLE[0])
    district.standin.behave(DTC, Refuse(403))
    await out_of_stock(district)
    for _ in range(3):
        await district.works(24 * HOUR)
    alert = await district.alert()
    assert (alert.state, alert.unheard > 0, district.told()) == ("open", True, [])


async def test_the_next_of_the_same_level_hears_under_a_name_of_her_own(district: District) -> None:
    """However the store is parted: a telling that bounced is not taken for the one that follows it."""
    shards = district.house.settings.store.shards
    numbers = (f"+2237000{number:04}" for number in range(500, 9999))
    second = next(one for one in numbers if shard_of(one, shards) == shard_of(DISTRICT, shards))
    await district.settle(
        structs.replace(PEOPLE[0], supervisor=""),
        structs.replace(PEOPLE[2], active=False),
        *(person(one, one, "district", "BLA") for one in (DISTRICT, second)),
    )
    await out_of_stock(district)
    own, now = district.house.leading.ladder, district.clock() + 2 * ladder.FRESH
    await own.run(now)
    first = await district.alert()
    await own.bounced(first.holder, first.number, now)
    await own.run(now)
    holders = {first.holder, (await district.alert()).holder}
    assert holders == {DISTRICT, second}
    told = {line.to async for line in district.house.outbox.read() if line.id.startswith("alert:")}
    assert told == holders
