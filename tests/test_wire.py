"""Straight from the wire or through aiohttp: whoever asks cannot tell, whatever they send, in whatever pieces."""

import asyncio
import re
from collections.abc import Awaitable, Iterable
from random import Random

import pytest
from aiohttp import web

from bot.channels import Post
from bot.channels.africastalking import Settings
from bot.messages import Inbound, Reply
from bot.wire import Entrance
from fuzz.wire import BODY, DIAL
from tests.channels.forms import FORMS, NUMBER
from tests.channels.house import KEY, House, post
from tests.wire import Broken, Paper, Slow, answers, server

SHOWN = "CON Kunnafoni\n1 Stock\n2 Présence".encode()

ODD = {
    "chunked": post("ussd", b"3\r\nses\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False),
    "chunked, with a length": post("ussd", BODY, "Transfer-Encoding: chunked"),
    "two lengths": post("ussd", BODY, "Content-Length: 3"),
    "a length with a sign": DIAL.replace(b"Length: ", b"Length: +"),
    "a length too short": DIAL.replace(b"Length: 9", b"Length: 5"),
    "packed": post("ussd", BODY, "Content-Encoding: gzip"),
    "asking whether to go on": post("ussd", BODY, "Expect: 100-continue"),
    "asking for something else": post("ussd", BODY, "Expect: tea"),
    "an upgrade": post("ussd", BODY, "Connection: Upgrade", "Upgrade: websocket"),
    "the last": post("ussd", BODY, "Connection: close"),
    "of old": DIAL.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "of old, kept": post("ussd", BODY, "Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "of the future": DIAL.replace(b"HTTP/1.1", b"HTTP/2.0"),
    "a folded header": post("ussd", BODY, "X-Long: a\r\n b"),
    "bare line feeds": DIAL.replace(b"\r\n", b"\n"),
    "a header without a colon": post("ussd", BODY, "nothing"),
    "a space before the colon": post("ussd", BODY, "Transfer-Encoding : chunked"),
    "a NUL": post("ussd", BODY, "X-Odd: a\0b"),
    "no host": DIAL.replace(b"Host: house\r\n", b""),
    "two hosts": post("ussd", BODY, "Host: house"),
    "two hosts, one of them empty": post("ussd", BODY, "Host:"),
    "two agents": post("ussd", BODY, "User-Agent: a", "User-Agent: b"),
    "two of what may be two": post("ussd", BODY, "Via: a", "Via: b"),
    "many headers": post("ussd", BODY, *(f"X-{number}: 1" for number in range(125))),
    "too many headers": post("ussd", BODY, *(f"X-{number}: 1" for number in range(126))),
    "a long header": post("ussd", BODY, f"X-Long: {'a' * 9000}"),
    "a long name": post("ussd", BODY, f"X-{'a' * 9000}: 1"),
    "a key of an old socket": post("ussd", BODY, "Sec-WebSocket-Key1: a"),
    "two kinds, the first empty": DIAL.replace(b"Content-Type", b"Content-Type:\r\nContent-Type", 1),
    "a kind nobody can read": DIAL.replace(b"urlencoded\r", b"urlencoded; a*\xc2\xb2=1\r"),
    "two kinds": post("ussd", BODY, "Content-Type: text/plain"),
    "no form": DIAL.replace(b"x-www-form-urlencoded", b"json"),
    "a kind with a word": DIAL.replace(b"urlencoded\r", b"urlencoded; charset=UTF-8\r"),
    "a kind in capitals": DIAL.replace(b"application/x", b"Application/X"),
    "a wrong key": post("ussd", BODY, key=b"wrong"),
    "no key": DIAL.replace(b"?key=" + KEY.encode(), b""),
    "a key and more": DIAL.replace(b" HTTP", b"&key=wrong HTTP"),
    "a key in capitals": DIAL.replace(b"?key=", b"?KEY="),
    "a key in code": DIAL.replace(b"key=a-", b"key=%61-"),
    "a fragment": DIAL.replace(b" HTTP", b"#top HTTP"),
    "a whole address": DIAL.replace(b"/africas", b"http://elsewhere/africas", 1),
    "another path": DIAL.replace(b"/ussd?", b"/ussd/?"),
    "a path in code": DIAL.replace(b"/ussd?", b"/%75ssd?"),
    "got": DIAL.replace(b"POST", b"GET"),
    "put": DIAL.replace(b"POST", b"PUT"),
    "another callback": post("ussd/end", BODY),
    "a field missing": post("ussd", b"sessionId=1"),
    "no text at all": post("ussd", b"\xff\xfe"),
    "nothing": post("ussd", b""),
    "no number": post("ussd", BODY.replace(b"%2B223", b"")),
    "much of it": post("ussd", BODY + b"&more=" + b"x" * 20_000),
    "too much of it": post("ussd", BODY + b"&more=" + b"x" * 40_000),
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
    "nobody asked": b"\r\n\r\n\r\n",
}


async def heard(
    pieces: Iterable[bytes], *, quick: bool
) -> tuple[list[tuple[bytes, bytes, bytes]], object, bool]:
    """The answers, what the house was told, and whether the connection was ended."""
    house = House()
    paper = Paper((await server(house, quick=quick))())
    written = await paper.say(*pieces)
    ended = paper.closed
    paper.close()
    await paper.turn()
    return answers(written), house.told, ended


async def test_a_dial_in_one_piece_never_reaches_aiohttp() -> None:
    house = House()
    serving = await server(house)
    paper = Paper(serving())
    for _ in range(3):
        await paper.say(DIAL)
    assert answers(paper.written) == [(b"200", b"text/plain; charset=utf-8", SHOWN)] * 3
    assert [type(said) for said in house.told] == [Inbound] * 3
    assert serving.connections == []
    assert re.search(rb"\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n", paper.written)


async def test_of_one_that_is_the_last_the_end_is_told() -> None:
    house = House()
    house.reply = Reply("Merci.", ends=True)
    assert answers(await Paper((await server(house))()).say(DIAL))[0][2] == b"END Merci."


@pytest.mark.parametrize("asked", ODD)
async def test_what_is_odd_is_answered_as_aiohttp_answers_it(asked: str) -> None:
    for pieces in [ODD[asked]], [DIAL, ODD[asked], DIAL], [DIAL + ODD[asked]], [ODD[asked] + DIAL]:
        assert await heard(pieces, quick=True) == await heard(pieces, quick=False)


async def test_wherever_it_is_cut_the_answer_is_the_same() -> None:
    whole = await heard([DIAL, DIAL], quick=False)
    for at in range(1, len(DIAL)):
        assert await heard([DIAL[:at], DIAL[at:] + DIAL], quick=True) == whole, DIAL[:at]


@pytest.mark.parametrize("seed", range(5, 13))
async def test_what_is_spoilt_anywhere_is_answered_as_aiohttp_answers_it(seed: int) -> None:
    chance = Random(seed)
    for _ in range(150):
        spoilt = bytearray(DIAL)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(spoilt))
            put = chance.choice(
                [b"", b"\r\n", b"\n", b" ", b":", b",", b"0", b"\0", b"%", bytes([chance.randrange(256)])]
            )
            spoilt[at : at + chance.randint(0, 2)] = put
        pieces = [bytes(spoilt), DIAL]
        assert await heard(pieces, quick=True) == await heard(pieces, quick=False), bytes(spoilt)


async def test_whoever_asks_again_before_the_answer_is_answered_in_turn() -> None:
    house = Slow()
    paper = Paper((await server(house))())
    await paper.say(DIAL, DIAL[:40], DIAL[40:])
    assert (paper.written, paper.paused) == (b"", True)
    house.let.set()
    await paper.turn()
    assert [body for _, _, body in answers(paper.written)] == [SHOWN, SHOWN]
    assert not paper.paused
    paper.close()
    await paper.turn()


async def test_whoever_does_not_read_is_cut_off() -> None:
    paper = Paper((await server(House()))())
    paper.protocol.pause_writing()
    assert paper.aborted


async def test_networks_are_looked_at_on_the_short_way_too() -> None:
    elsewhere = Settings(callback_key=KEY, addresses=("10.0.0.0/8",))
    for peer, status in (("10.1.2.3", 4000), b"200"), (("11.1.2.3", 0), b"403"), ("", b"403"):
        house = House()
        paper = Paper((await server(house, elsewhere))(), peer)
        assert answers(await paper.say(DIAL))[0][0] == status
        paper.close()
        await paper.turn()


async def test_a_line_that_breaks_while_it_is_answered_is_handed_to_nobody() -> None:
    house = Slow()
    serving = await server(house)
    paper = Broken(serving())
    await paper.say(DIAL, DIAL)
    house.let.set()
    await paper.turn()
    assert (paper.closed, serving.connections) == (True, [])


async def test_a_line_that_is_gone_before_it_was_let_in_is_not_answered() -> None:
    paper = Paper((await server(House()))(), None)
    assert paper.aborted


async def test_a_mistake_of_ours_cuts_the_line_and_is_heard_of() -> None:
    async def broken() -> str:
        raise LookupError("a mistake")

    def quick(_: Post) -> Awaitable[str]:
        return broken()

    said: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context.get("exception")))
    entrance = Entrance(
        lambda _: asyncio.sleep(0, web.Response()), {"/africastalking/ussd": quick}, idle=75.0
    )
    paper = Paper(entrance())
    await paper.say(DIAL)
    assert paper.aborted
    del paper, entrance
    assert [type(error) for error in said] == [LookupError]


def test_the_forms_are_those_the_channel_reads() -> None:
    assert NUMBER.encode()[1:] in BODY
    assert set(FORMS["ussd"]) == {pair.split(b"=")[0].decode() for pair in BODY.split(b"&")}
