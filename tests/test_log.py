"""The log of a day: no whole phone number, no line that somebody else wrote, nothing of a secret."""

import asyncio
import gc
import io
import logging
import re

import pytest
from aiohttp import ClientSession

from bot.app import listening, open_house, prepare
from bot.config import Settings
from bot.flow.release import Source
from bot.house import House
from bot.journal import Journal, journal, masked
from tests.calls import AWA, Phone

STRANGER = "+22379998877"
LINE = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3} (?:INFO|WARNING|ERROR|CRITICAL) \S.*")


async def a_day(house: House, url: str, client: ClientSession) -> None:
    """Every kind of report by phone and SMS, wrong ones too, and what is sent after."""
    phone = Phone(client, url, AWA)
    for typed in ("1*1*1", "2*2*4*3", "3*1", "5*1", "2*2*9999", "7", "junk"):
        await phone.dials(deep=typed)
    for text in ("STOCK SRO 5 CTE 3", "PRESENT", "76123456", "ALERTE", "STOP", "START", "AIDE"):
        await phone.writes(text)
    stranger = Phone(client, url, STRANGER)
    await stranger.dials()
    await stranger.types("1", "1", "Awa", "70000004")
    form = {
        "sessionId": "s",
        "phoneNumber": AWA,
        "status": "Failed",
        "errorMessage": f"no CON or END\nfor {AWA}",
    }
    await phone.posts("ussd/end", form)
    await phone.posts("delivery", {"id": f"x{AWA}", "status": "Success", "phoneNumber": AWA})
    await house.worker().once()


async def test_a_day_of_traffic_leaves_no_number_in_the_log(
    own: Settings, shipped: Source, client: ClientSession
) -> None:
    out = io.StringIO()
    async with journal(out) as log, open_house(own, line=log.step) as house:
        await prepare(house, shipped, with_demo=True)
        async with listening(house, simulator=False) as url:
            await a_day(house, url, client)
            logging.getLogger("kunnafoni.app").warning("message id=reminder:%s lost", AWA)
            numbers = [contact.msisdn async for contact in house.contacts.contacts()]
    lines = out.getvalue().splitlines()
    assert len(lines) > 20
    numbers += [STRANGER, "+22376123456"]
    assert [line for line in lines for number in numbers if number[4:] in line] == []
    assert any(r"status=Failed hops=0 why='no CON or END\nfor +22370****01'" in line for line in lines)
    assert any("reminder:+22370****01" in line for line in lines), "masked wherever it stands"
    assert [line for line in lines if not LINE.fullmatch(line)] == []


async def test_what_goes_wrong_where_nobody_waits_is_masked_too() -> None:
    out = io.StringIO()

    async def bug() -> None:
        raise ValueError(STRANGER)

    async with journal(out):
        task = asyncio.create_task(bug())
        await asyncio.wait([task])
        del task
        gc.collect()
    assert "Task exception was never retrieved" in out.getvalue()
    assert "ValueError: +22379****77" in out.getvalue()
    assert STRANGER not in out.getvalue()


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\x1b[2K", "\x00", "\u2028", "\x85"])
def test_what_is_logged_cannot_begin_a_line_of_its_own(sign: str) -> None:
    out = io.StringIO()
    log = Journal(out)
    forged = f"before{sign}2026-11-22T00:00:00.000 ERROR forged"
    log.handle(logging.LogRecord("kunnafoni.x", logging.ERROR, "", 0, "met %s", (forged,), None))
    first, *rest = out.getvalue().splitlines()
    assert LINE.fullmatch(first)
    assert all(line.startswith("    ") for line in rest)


@pytest.mark.parametrize("session", ["a b", "ATUid_1 msisdn=+22370000001 at=menu", "é", "a'b", "'"])
async def test_an_id_is_one_word_whatever_it_holds(
    session: str, own: Settings, shipped: Source, client: ClientSession
) -> None:
    lines: list[str] = []
    async with open_house(own, line=lines.append) as house:
        await prepare(house, shipped, with_demo=False)
        async with listening(house, simulator=False) as url:
            await Phone(client, url).asks("", session)
    (line,) = lines
    said = re.sub(r"session=('[^']*'|\"[^\"]*\"|[!-~]+) ", "", line)
    assert re.fullmatch(r"ussd msisdn=\S+ at=[a-z._]+ ms=[\d.]+", said)
    assert line.isascii()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("to=+22376123456 of", "to=+22376****56 of"),
        ("to=%2B22376123456", "to=%2B223****56"),
        ("22376123456", "22376****56"),
        ("id=1763760000000 223761234567", "id=1763760000000 223761234567"),
        ("+0123456789 +1234567", "+0123456789 +1234567"),
        ("+12345678", "+12****78"),
        ("+12345678901234567890", "+12345****4567890"),
        ("ATUid_00000000000000000000000071000000", "ATUid_00000000000000000000000071000000"),
    ],
)
def test_a_number_is_masked_wherever_it_stands_and_nothing_else(line: str, shown: str) -> None:
    assert masked(f"{line}\n{line}") == f"{shown}\n{shown}"
