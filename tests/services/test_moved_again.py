"""Moved by mistake and back, or for good some other day: done once, whatever is noted still."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from bot.house import House
from bot.services.ladder import FRESH
from bot.store.keys import MOVES, shard_of
from bot.store.moves import Move, Moves
from bot.store.outbox import Body, message
from tests.calls import Phone
from tests.services.numbers import AMINATA, LATER, NEW, NEWER, OUMOU, different, known

DAY = 86_400_000


@pytest.mark.parametrize(
    "way",
    [
        (AMINATA, NEW, AMINATA),
        (AMINATA, NEW, AMINATA, NEW),
        (AMINATA, NEW, AMINATA, NEW, AMINATA),
        (AMINATA, NEW, NEWER, AMINATA, NEW),
    ],
)
async def test_who_comes_back_stays(house: House, desk: Callable[[str], Phone], way: tuple[str, ...]) -> None:
    """The moves before are still noted, for what may follow late: none is made a second time."""
    said, end = await known(house, AMINATA), way[-1]
    for gone, kept in pairwise(way):
        await house.moving.move(gone, kept, "traore")
    for later in (0, 0, int(LATER)):
        await house.moving.job(house.clock() + later)
        here = await house.contacts.get(end)
        assert here is not None
        assert [number for number, _ in here.before] == list(way[:-1])
        assert (await known(house, end), await different(house)) == (said, [])
    assert await house.server.tick.call("HLEN", MOVES) == 0
    assert "déjà envoyé" in await desk(end).dials(deep="2")


async def test_what_follows_late_is_no_other_departure(house: House, desk: Callable[[str], Phone]) -> None:
    phone = desk(OUMOU)
    await phone.dials(deep="2")
    await house.moving.move(OUMOU, NEW, "traore")
    await phone.types("2", "4", "21")
    await house.moving.job(house.clock() + int(LATER))
    here = await house.contacts.get(NEW)
    assert here is not None
    assert [number for number, _ in here.before] == [OUMOU]


async def test_what_was_said_before_it_began_goes_along(house: House, desk: Callable[[str], Phone]) -> None:
    """It was noted, and nobody took the first step for days; she went on reporting under the old number."""
    begun = house.clock() - 5 * DAY
    await Moves(house.functions, house.settings.store.shards).note(Move("m", AMINATA, NEW, begun, "traore"))
    await house.moving.job(house.clock())
    assert await house.contacts.get(NEW) is not None
    found = set[str]()
    for number in (AMINATA, NEW):
        shard = shard_of(number, house.settings.store.shards)
        for name in await house.server.tick.names():
            if name.startswith(shard.days.encode()):
                found |= {field.decode() for field in await house.server.tick.call("HKEYS", name)}
    assert {field.partition(":")[2] for field in found} == {NEW}
    assert await different(house) == []


async def test_no_message_is_found_where_only_its_name_is_kept(
    house: House, desk: Callable[[str], Phone]
) -> None:
    """The reminder she had under the old number is marked as made under the new one, and was never hers to get."""
    body = Body(to=AMINATA, kind="reminder", key="reminder.checkin")
    stem = "reminder:checkin:2026-11-21:"
    await house.outbox.queue([message(f"{stem}{AMINATA}", body, house.clock())])
    await house.moving.move(AMINATA, NEW, "traore")
    assert await house.outbox.known({NEW: [f"{stem}{NEW}"]}) == {f"{stem}{NEW}"}
    assert await house.outbox.find(f"{stem}{NEW}") is None
    assert await house.outbox.find(f"{stem}{AMINATA}") is not None


async def test_what_a_call_under_way_left_unfinished_is_kept_where_another_waits(
    house: House, desk: Callable[[str], Phone]
) -> None:
    before, after = desk(OUMOU), desk(NEW)
    await before.dials()
    await before.types("2")
    await house.moving.move(OUMOU, NEW, "traore")
    await before.types("2", "11")
    await after.dials()
    await after.types("2", "2", "22")
    await house.gateway.settle()
    rows = {row.id async for row in house.ledger.read()}
    await house.moving.job(house.clock() + int(LATER))
    (partial,) = [row async for row in house.ledger.read() if row.id not in rows]
    assert (partial.msisdn, partial.answers["quantity"], partial.answers["partial"]) == (OUMOU, 11, "yes")
    assert "1 Continuer" in await after.dials()
    product = partial.answers["product"]
    assert (await known(house, NEW))[f"stock:{product}"] == "11"
    assert await different(house) == []


async def test_whoever_has_the_old_number_now_keeps_her_own_unfinished_report(
    house: House, desk: Callable[[str], Phone]
) -> None:
    """A stranger who asks to join with it, while the one who left it is in the middle of a report under the new one."""
    await house.moving.move(OUMOU, NEW, "traore")
    stranger, hers = desk(OUMOU), desk(NEW)
    await stranger.dials()
    asked = await stranger.types("1", "1", "Zali")
    await hers.dials()
    await hers.types("2", "2", "22")
    await house.gateway.settle()
    rows = {row.id async for row in house.ledger.read()}
    await house.moving.job(house.clock() + int(LATER))
    assert {row.id async for row in house.ledger.read()} == rows
    assert "1 Continuer" in await stranger.dials()
    assert await stranger.types("1") == asked


async def test_what_came_back_from_her_old_number_is_hers_not_to_have_heard(
    house: House, desk: Callable[[str], Phone]
) -> None:
    """A supervisor is told of an alert and changes her number; then the network says that it never arrived."""
    hers = await house.contacts.get(AMINATA)
    assert hers is not None
    await house.leading.ladder.run(house.clock())
    (alert,) = await house.alerts.several(await house.alerts.numbers(0))
    assert alert.holder == hers.supervisor
    await house.moving.move(hers.supervisor, NEWER, "traore")
    await house.leading.bounced(hers.supervisor, alert.number, "a message")
    await house.leading.ladder.run(house.clock() + FRESH + 1)
    (alert,) = await house.alerts.several([alert.number])
    assert (alert.bounced, NEWER in alert.heard) == ((NEWER,), False)
    assert alert.holder not in (NEWER, hers.supervisor), "the next level hears at once"
