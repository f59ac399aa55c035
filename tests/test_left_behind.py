"""An answer that was given is never lost: what is left for something else is kept as a partial report."""

from bot.house import House
from bot.worker import Worker
from tests.calls import Phone

DAY = 24 * 60 * 60 * 1000


async def kept(house: House) -> list[tuple[str, dict[str, object]]]:
    return [(row.kind, row.answers) async for row in house.ledger.read()]


PARTIAL = ("stock", {"receipt": "no", "product": "SRO", "quantity": 4, "partial": "yes"})


async def test_home_and_another_report_in_the_same_call(phone: Phone, house: House) -> None:
    await phone.dials()
    assert (await phone.types("2", "2", "4", "00")).startswith("CON Kunnafoni")
    assert await kept(house) == [], "she may still come back to it"
    assert (await phone.types("5", "1")).startswith("END")
    assert sorted(await kept(house)) == [
        ("payment", {"received": "yes", "pay_month": pay_month(house)}),
        PARTIAL,
    ]


async def test_home_and_nothing_else_is_offered_again(phone: Phone, house: House) -> None:
    await phone.dials()
    await phone.types("2", "2", "4", "00")
    assert (await phone.dials()).startswith("CON Vous n'aviez pas fini : Stock.")
    assert await phone.types("1", "3") == "END Stock enregistré : SRO 4, CTE 3. Merci."


async def test_a_deep_dial_past_an_unfinished_report(phone: Phone, house: House) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    assert (await phone.dials(deep="1*1*1")).startswith("END Journée")
    assert sorted(await kept(house)) == [("checkin", {"status": "present", "seen": ["none"]}), PARTIAL]
    assert (await phone.dials()).startswith("CON Kunnafoni"), "there is nothing left to take up"


async def test_what_she_does_not_want_to_take_up_is_not_kept(phone: Phone, house: House) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    await phone.dials()
    assert (await phone.types("2")).startswith("CON Kunnafoni")
    assert (await phone.types("5", "1")).startswith("END")
    assert [kind for kind, _ in await kept(house)] == ["payment"]


async def test_after_a_day_the_unfinished_is_kept_as_partial(phone: Phone, house: House) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    await house.gateway.settle()
    tomorrow = worker_at(house, DAY + 60_000)
    assert await tomorrow.keep_unfinished() == 1
    assert await tomorrow.keep_unfinished() == 0
    assert await kept(house) == [PARTIAL]
    assert (await phone.dials()).startswith("CON Kunnafoni")


async def test_a_young_draft_is_left_alone(phone: Phone, house: House) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    await house.gateway.settle()
    assert await worker_at(house, DAY - 60_000).keep_unfinished() == 0
    assert await kept(house) == []


async def test_an_sms_that_begins_another_report_leaves_the_old_one_partial(
    phone: Phone, house: House
) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    await phone.writes("PRESENT")
    assert sorted(await kept(house)) == [("checkin", {"status": "present"}), PARTIAL]


async def test_an_sms_beside_the_open_report_leaves_it_open(phone: Phone, house: House) -> None:
    await phone.dials()
    await phone.types("2", "2", "4")
    await phone.writes("STOCK CTE 9")
    await phone.writes("3")
    assert [answers["quantity"] for _, answers in await kept(house)] == [9, 4, 3]


def worker_at(house: House, later: int) -> Worker:
    """A worker whose clock is so many ms ahead."""
    now = house.clock()
    other = House(house.settings, house.server, lambda: now + later)
    other.releases = house.releases
    return other.worker()


def pay_month(house: House) -> str:
    local = house.programme.local(house.clock())
    return f"{local.month - 1 or 12:02d}/{local.year - (local.month == 1)}"
