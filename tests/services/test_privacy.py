"""What is forgotten, what is told and what is taken out; and that all that was counted still agrees with the ledger."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession
from msgspec.structs import replace

from bot.app import listening
from bot.house import House
from bot.privacy import person_of
from bot.services.forgetting import last_over
from bot.services.person import named
from bot.store.keys import shard_of
from bot.store.outbox import Body, message
from bot.store.rebuild import differences
from bot.store.traces import Traces
from bot.store.words import Words
from tests.calls import Phone

AMINATA, OUMOU = "+22370000001", "+22370000002"
STRANGER = "+22379998877"
BAMAKO = ZoneInfo("Africa/Bamako")
MONTH = 31 * 24 * 3_600_000


async def different(house: House) -> list[str]:
    return await differences(
        house.functions, house.ledger, house.settings.store.shards, house.programme.local
    )


async def counts(house: House) -> dict[str, Any]:
    found = {}
    for name in await house.server.tick.names():
        if b":count:" in name:
            found[name.decode()] = dict(await house.server.tick.call("HGETALL", name))
    return found


async def raw(house: House) -> list[str]:
    return [row.raw async for row in house.ledger.read()]


async def texts(house: House) -> list[str]:
    return [line.text async for line in house.outbox.read()]


@pytest.fixture
async def said(house: House, client: ClientSession) -> House:
    """Two who report by phone and SMS, correct themselves, and cause a message to their supervisor; one unknown."""
    async with listening(house, simulator=False) as url:
        for number in (AMINATA, OUMOU):
            phone = Phone(client, url, number)
            await house.contacts.change(number, language="fr", products="SRO CTE")
            await phone.dials(deep="1*1*2")
            await phone.writes("STOCK SRO 5 CTE 3", f"sms-1-{number[-1]}")
            await phone.writes("CORRIGER SRO 4", f"sms-2-{number[-1]}")
            await phone.dials(deep="3*1*1*1")
            await phone.dials(deep="5*1")
            await phone.dials()
            await phone.types("2", "2")
        await Phone(client, url, STRANGER).dials()
    await house.worker().once()
    return house


@pytest.mark.parametrize(
    ("now", "months", "last"),
    [
        ("2026-11-22", 12, ("202510", "2025-11-01")),
        ("2026-11-01", 12, ("202510", "2025-11-01")),
        ("2027-01-31", 1, ("202611", "2026-12-01")),
        ("2026-12-31", 12, ("202511", "2025-12-01")),
        ("2026-03-15", 3, ("202511", "2025-12-01")),
    ],
)
def test_the_last_month_that_is_forgotten(now: str, months: int, last: tuple[str, str]) -> None:
    month, before = last_over(datetime.fromisoformat(now).replace(tzinfo=BAMAKO), months)
    assert (month, datetime.fromtimestamp(before / 1000, BAMAKO).date().isoformat()) == last


async def test_words_are_forgotten_and_what_was_counted_stays(said: House) -> None:
    house, now = said, said.clock()
    (job,) = [job for job in house.jobs if job.name == "forgetting"]
    before, rows = await counts(house), [row async for row in house.ledger.read()]
    assert any(await raw(house))
    assert any(await texts(house))
    await job.run(now + 12 * MONTH)
    assert any(await raw(house)), "twelve months are kept whole"
    await job.run(now + 15 * MONTH)
    assert set(await raw(house)) == {""}
    assert set(await texts(house)) == {""}
    after = [row async for row in house.ledger.read()]
    assert [(row.id, row.answers, row.corrects) for row in after] == [
        (row.id, row.answers, row.corrects) for row in rows
    ]
    assert (await counts(house), await different(house)) == (before, [])
    dump = await house.server.tick.call("DUMP", shard_of(AMINATA, 64).forgotten)
    await job.run(now + 15 * MONTH)
    assert await house.server.tick.call("DUMP", shard_of(AMINATA, 64).forgotten) == dump


@pytest.mark.parametrize(
    "body",
    [
        Body(to=AMINATA, kind="reply", text="Bonjour Djenebou"),
        Body(to=AMINATA, kind="broadcast", texts={"fr": "Bonjour Djenebou"}),
        Body(to=AMINATA, kind="tell", key="alert.silent.told", values={"name": "Djenebou"}),
    ],
)
async def test_what_was_cancelled_is_forgotten_too(house: House, body: Body) -> None:
    await house.outbox.queue([message("m", body, house.clock())])
    line = await house.outbox.find("m")
    assert line is not None
    assert await house.outbox.cancel(line)
    assert await holding(house, "Djenebou")
    await house.forgetting.run(house.clock() + 15 * MONTH)
    assert await holding(house, "Djenebou") == []
    assert (await house.outbox.find("m")).state == "cancelled"  # type: ignore[union-attr]


async def test_what_was_forgotten_leaves_as_no_empty_sms(house: House) -> None:
    """A reply that did not leave, had its words taken out, and is sent again by somebody at the console."""
    await house.outbox.queue([message("m", Body(to=AMINATA, kind="reply", text="Merci"), house.clock())])
    line = await house.outbox.find("m")
    assert line is not None
    await house.outbox.cancel(line)
    await house.forgetting.run(house.clock() + 15 * MONTH)
    assert await house.outbox.again(line, house.clock())
    await house.worker().once()
    left = await house.outbox.find("m")
    assert left is not None
    assert (left.state, left.reason.partition(":")[0]) == ("failed", "no words")


async def test_all_that_is_held_of_a_person_is_told(said: House) -> None:
    traces = {trace.key.partition("}:")[2].partition(":")[0] async for trace in person_of(said).held(AMINATA)}
    assert traces >= {"contact", "contacts", "known", "last", "ledger", "run", "day", "year", "out"}
    held = [str(trace.held) async for trace in person_of(said).held(AMINATA)]
    assert not any(OUMOU in one for one in held if "sms" not in one), "and of nobody else"


async def test_a_person_is_taken_out_and_the_counts_stay(said: House) -> None:
    house = said
    name = (await house.contacts.get(AMINATA)).name  # type: ignore[union-attr]
    before, rows = await counts(house), len(await raw(house))
    others = [row async for row in house.ledger.read() if row.msisdn == OUMOU]
    code = await person_of(house).erase(AMINATA)
    assert [trace.key async for trace in person_of(house).held(AMINATA)] == []
    assert [trace.key async for trace in person_of(house).held(name) if ":out:" in trace.key] == []
    hers = [row async for row in house.ledger.read() if row.msisdn == code]
    assert hers
    assert {(row.raw, row.session, row.contact) for row in hers} == {("", "", code)}
    assert [row async for row in house.ledger.read() if row.msisdn == OUMOU] == others
    assert len(await raw(house)) == rows
    assert (await counts(house), await different(house)) == (before, [])
    assert await house.contacts.get(AMINATA) is None
    assert [contact.msisdn async for contact in house.contacts.contacts() if contact.supervisor == code] == []


async def test_of_a_stranger_no_word_is_left_either(house: House, client: ClientSession) -> None:
    """Her name stood in the alert about her, in her last screen, and in the reply to what nobody understood."""
    async with listening(house, simulator=False) as url:
        phone = Phone(client, url, STRANGER)
        await phone.dials()
        assert "Merci Zali" in await phone.types("1", "1", "Zali", OUMOU)
        await phone.writes("Zali bonjour")
    await house.worker().once()
    before = await counts(house)
    assert await holding(house, "Zali")
    code = await person_of(house).erase(STRANGER)
    assert await holding(house, "Zali") == []
    assert await holding(house, STRANGER) == []
    (alert,) = [one async for one in house.alerts.read() if one.kind == "newcomer"]
    assert (alert.contact, alert.msisdn) == (code, code)
    assert (await counts(house), await different(house)) == (before, [])


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("who", ["asc", "leader"])
async def test_a_name_of_three_letters_goes_too_wherever_it_stands(
    house: House, client: ClientSession, who: str, archived: bool
) -> None:
    """It is not looked for by itself, since it stands in other words; it stands beside her number."""
    asc = await house.contacts.get(OUMOU)
    assert asc is not None
    number = OUMOU if who == "asc" else asc.supervisor
    one = await house.contacts.get(number)
    assert one is not None
    await house.contacts.put([replace(one, name="Yza")])
    await house.contacts.change(OUMOU, language="fr", products="SRO CTE")
    async with listening(house, simulator=False) as url:
        await Phone(client, url, OUMOU).writes("STOCK SRO 0 CTE 20")
        await house.worker().once()
        (number_of,) = await house.alerts.numbers(0)
        await Phone(client, url, asc.supervisor).writes(f"OK {number_of}")
        await Phone(client, url, OUMOU).writes("STOCK SRO 20")
    await house.worker().once()
    if archived:
        await house.archiving.older(house.clock() + 4 * MONTH, 1)
    await person_of(house).erase(number)
    shards = house.settings.store.shards
    (alert,) = [one async for one in house.alerts.things.read(shard_of(OUMOU, shards), 0)]
    assert b"resolved" in alert[1].values()
    assert await holding(house, "Yza") == []
    found = [told async for told in Words(house.functions, shards, house.archived).in_archive(b"Yza")]
    assert found == []


async def holding(house: House, word: str) -> list[str]:
    """Every key that holds it, whatever it is called."""
    return [trace.key async for trace in Traces(house.server.tick, house.functions).of(word)]


async def test_that_she_said_stop_is_remembered(said: House) -> None:
    await said.contacts.change(AMINATA, stopped="1")
    await person_of(said).erase(AMINATA)
    (left,) = [trace async for trace in person_of(said).held(AMINATA)]
    assert left.held == [["stopped", "1"]]


def test_the_audit_log_has_a_masked_number() -> None:
    assert named(AMINATA) == "+22370****01"
