"""She has a new number, or was on the roster twice: she goes on under one; nothing is lost, doubled or told twice."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec import structs

from bot.house import House
from bot.privacy import person_of
from bot.services.moving import CannotMove, Moving
from bot.store.keys import AUDIT, MOVES
from bot.store.moves import Move, Moves
from bot.store.outbox import Body, message
from tests.calls import Phone
from tests.services.numbers import AMINATA, LATER, NEW, NEWER, OUMOU, counts, different, known, traces

STEPS = ("out", "mark", "arrive", "lead", "tell", "leave")


async def reply(house: House, msisdn: str) -> str:
    await house.worker().once()
    return (await house.outbox.newest(msisdn))[-1].text


async def alert_of(house: House, msisdn: str) -> Any:
    (alert,) = [
        one for one in await house.alerts.several(await house.alerts.numbers(0)) if one.msisdn == msisdn
    ]
    return alert


async def test_all_that_is_hers_goes_on_under_the_new_number(
    house: House, desk: Callable[[str], Phone]
) -> None:
    before, said = await counts(house), await known(house, AMINATA)
    first = await alert_of(house, AMINATA)
    hers = await house.contacts.get(AMINATA)
    assert hers is not None
    await house.moving.move(AMINATA, NEW, "traore")
    now = await house.contacts.get(NEW)
    assert now == structs.replace(hers, msisdn=NEW, was=now.was if now else "")
    assert [number for number, _ in now.before] == [AMINATA]
    assert await house.contacts.get(AMINATA) is None
    assert (await counts(house), await known(house, NEW), await different(house)) == (before, said, [])
    assert await traces(house, AMINATA) <= {"left", "run", "seen", "us"}
    supervisor = [one.msisdn for one in await house.contacts.team(hers.supervisor)]
    assert (NEW in supervisor, AMINATA in supervisor) == (True, False)
    moved = await house.alerts.get(first.number)
    assert moved is not None
    assert (moved.msisdn, moved.state, moved.subject) == (NEW, "open", first.subject)
    assert moved.number != first.number, "its number tells its shard; the old one leads there"
    await house.moving.job(house.clock() + int(LATER))
    assert await house.server.tick.call("HLEN", MOVES) == 0
    notes = [(note.who, note.what, note.before, note.after) async for note in house.audit.newest()]
    assert notes[0] == ("traore", "contact.move", AMINATA, NEW)


async def test_she_goes_on_as_if_she_had_always_had_it(house: House, desk: Callable[[str], Phone]) -> None:
    before = await counts(house)
    await house.moving.move(AMINATA, NEW, "traore")
    phone = desk(NEW)
    await phone.writes("CORRIGER CTE 22", "corrected")
    assert "CTE 22" in await reply(house, NEW)
    await phone.writes("SRO 20", "again")
    assert (await known(house, NEW))["stock:SRO"] == "20"
    assert [
        one for one in await house.alerts.several(await house.alerts.numbers(0)) if one.state == "open"
    ] == []
    after = await counts(house)
    changed = {key.rpartition("|")[2]: after.get(key, 0) - before.get(key, 0) for key in before | after}
    assert changed["stock.CTE.quantity"] == 2
    assert changed["stock.CTE"] == 0, (
        "a correction under the new number takes back what was said under the old"
    )
    assert await different(house) == []
    rows = [row async for row in house.ledger.read() if row.msisdn in (AMINATA, NEW)]
    assert {row.msisdn for row in rows} == {AMINATA, NEW}, "what was said stays as it was said"


async def test_the_old_number_is_a_strangers_and_what_was_meant_for_her_follows(
    house: House, desk: Callable[[str], Phone]
) -> None:
    hers = await house.contacts.get(AMINATA)
    assert hers is not None
    supervisor = hers.supervisor
    values = {"name": "A", "unit": "B", "product": "SRO", "number": "1", "msisdn": AMINATA}
    body = Body(to=supervisor, kind="alert", key="alert.stockout.told", values=values, urgent=True)
    await house.outbox.queue([message("on-its-way", body, house.clock())])
    await house.moving.move(supervisor, NEWER, "traore")
    team = await house.contacts.team(NEWER)
    assert {one.supervisor for one in team} == {NEWER}
    assert AMINATA in {one.msisdn for one in team}
    assert await house.contacts.team(supervisor) == []
    alert = await alert_of(house, AMINATA)
    assert (alert.supervisor, [one.number for one in await house.alerts.held_by(NEWER)]) == (
        NEWER,
        [alert.number],
    )
    await house.leading.ladder.run(house.clock())
    await house.worker().once()
    sent = {line.id: (line.to, line.state) async for line in house.outbox.read() if line.kind == "alert"}
    assert sent.pop("on-its-way") == (NEWER, "delivered"), (
        "what was queued for the old number goes to the new one"
    )
    assert {to for to, _ in sent.values()} == {NEWER}
    assert "Langue ?" in await desk(supervisor).dials(), "as anybody who calls for the first time is asked"


async def test_whatever_stops_it_in_the_middle_again_finishes_it(
    house: House, desk: Callable[[str], Phone]
) -> None:
    before, said, number = await counts(house), await known(house, AMINATA), AMINATA
    for place, step in enumerate(STEPS):
        for after in (False, True):
            to = f"+2237655{place}0{int(after)}0"
            with pytest.raises(Stopped):
                await stopping(house, step, after=after).move(number, to, "traore")
            assert await house.server.tick.call("HLEN", MOVES) > 0
            await house.moving.job(house.clock())
            assert await house.contacts.get(number) is None
            contact = await house.contacts.get(to)
            assert contact is not None, (step, after)
            assert (await known(house, to), await counts(house)) == (said, before), (step, after)
            alert = await alert_of(house, to)
            assert alert.state == "open"
            await house.moving.job(house.clock() + int(LATER))
            assert await house.server.tick.call("HLEN", MOVES) == 0
            number = to
    assert await different(house) == []
    assert len((await house.contacts.get(number)).before) == 2 * len(STEPS)  # type: ignore[union-attr]


async def test_two_rows_that_are_one_person_become_one(house: House, desk: Callable[[str], Phone]) -> None:
    other = desk(OUMOU)
    await other.writes("STOCK SRO 0", "hers")
    await other.dials(deep="5*1")
    before = await counts(house)
    both = {**await known(house, AMINATA)}
    await house.moving.merge(AMINATA, OUMOU, "traore")
    assert await counts(house) == before
    assert await house.contacts.get(AMINATA) is None
    merged = await known(house, OUMOU)
    assert merged.keys() >= both.keys()
    assert merged["stock:CTE"] == "20", "what only one of them said is known of her"
    alert = await alert_of(house, OUMOU)
    assert (alert.subject, alert.state) == ("stockout:SRO", "open"), "one alert of one person and product"
    assert await different(house) == []
    kept = await house.contacts.get(OUMOU)
    assert kept is not None
    assert kept.name != "", "what the roster says of the number that stays, stays"


async def test_of_two_unfinished_reports_one_is_kept_as_it_is(
    house: House, desk: Callable[[str], Phone]
) -> None:
    for number in (AMINATA, OUMOU):
        phone = desk(number)
        await phone.dials()
        await phone.types("2", "1", "2")
    await house.gateway.settle()
    before = {row.id async for row in house.ledger.read()}
    await house.moving.merge(AMINATA, OUMOU, "traore")
    (partial,) = [row async for row in house.ledger.read() if row.id not in before]
    assert (partial.msisdn, partial.answers["partial"]) == (AMINATA, "yes")
    assert "1 Continuer" in await desk(OUMOU).dials(), "the other waits where she left it"
    assert await different(house) == []


async def test_what_cannot_be_is_refused(house: House) -> None:
    hers = await house.contacts.get(AMINATA)
    assert hers is not None
    refused: list[tuple[Awaitable[None], str]] = [
        (house.moving.move(AMINATA, OUMOU, "x"), "there"),
        (house.moving.move("+22379990000", NEW, "x"), "none"),
        (house.moving.move(AMINATA, "+22320222222", "x"), "landline"),
        (house.moving.merge(AMINATA, AMINATA, "x"), "same"),
        (house.moving.merge(AMINATA, NEW, "x"), "none"),
        (house.moving.merge(AMINATA, hers.supervisor, "x"), "role"),
    ]
    for doing, reason in refused:
        with pytest.raises(CannotMove) as told:
            await doing
        assert told.value.reason == reason
    assert await house.contacts.get(AMINATA) == hers
    assert await house.server.tick.call("HLEN", MOVES) == 0


async def test_what_was_said_in_a_call_under_way_follows_her(
    house: House, desk: Callable[[str], Phone]
) -> None:
    phone = desk(OUMOU)
    await phone.dials(deep="2")
    await house.moving.move(OUMOU, NEW, "traore")
    shown = await phone.types("2", "4", "21")
    said = await known(house, OUMOU)
    assert "stock:SRO" in said, shown
    with pytest.raises(Stopped):
        await stopping(house, "arrive", after=False).job(house.clock() + int(LATER))
    await house.moving.job(house.clock() + int(LATER))
    assert await known(house, OUMOU) == {}
    assert (await known(house, NEW))["stock:SRO"] == said["stock:SRO"]
    assert await different(house) == []


@pytest.mark.parametrize("archived", [False, True])
async def test_who_is_taken_out_is_taken_out_under_all_her_numbers(
    house: House, desk: Callable[[str], Phone], archived: bool
) -> None:
    await house.moving.move(AMINATA, NEW, "traore")
    await house.moving.job(house.clock() + int(LATER))
    if archived:
        assert await house.archiving.older(house.clock() + 100 * 86_400_000, 1)
        assert await different(house) == []
    before = await counts(house)
    await person_of(house).erase(NEW)
    for number in (NEW, AMINATA):
        assert {trace.key async for trace in person_of(house).held(number)} == {AUDIT}
    assert (await counts(house), await different(house)) == (before, [])


class Stopped(Exception):  # noqa: N818 - the process ended here
    """As if the power had failed."""


def stopping(house: House, step: str, *, after: bool) -> Moving:
    """A move whose process ends before, or right after, that step."""

    class Failing(Moves):
        pass

    async def fails(self: Moves, move: Move, *more: Any, **named: Any) -> Any:
        if after:
            await getattr(Moves, step)(self, move, *more, **named)
        raise Stopped

    setattr(Failing, step, fails)
    moves = Failing(house.functions, house.settings.store.shards)
    return Moving(
        moves,
        house.contacts,
        house.ledger,
        house.audit,
        house.sessions,
        never,
        house.programme.local,
        house.clock,
    )


async def never(_msisdn: str) -> bool:
    raise AssertionError("she has no unfinished report under both numbers")
