"""How a line ends: with its answer, with the gateway, or because nothing is asked on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.messages import Inbound
from bot.wire import Wire
from fuzz.wire import DIAL
from tests.channels.house import House
from tests.test_wire import SHOWN
from tests.wire import Paper, Slow, answers, server


@asynccontextmanager
async def open_door(house: House) -> AsyncIterator[tuple[web.ServerRunner, int]]:
    runner = web.ServerRunner(await server(house), shutdown_timeout=5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner, runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_the_answer_that_is_under_way_when_the_door_closes_is_given() -> None:
    house = Slow()
    async with open_door(house) as (runner, port):
        silent, unused = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(DIAL)
        await house.asked.wait()
        closing = asyncio.create_task(runner.cleanup())
        assert await silent.read() == b""
        house.let.set()
        assert answers(await reader.read())[0][2] == SHOWN
        await closing
        unused.close()
        writer.close()


class Unread(Paper):
    """What was written to it is still on its way when it is closed."""

    def close(self) -> None:
        self.closed = True


async def test_an_answer_that_is_given_is_not_cut_when_the_door_closes() -> None:
    serving = await server(House())
    paper = Unread(serving())
    await paper.say(DIAL)
    serving.pre_shutdown()
    await serving.shutdown(1)
    assert (paper.closed, paper.aborted) == (True, False)
    paper.protocol.connection_lost(None)


async def test_a_slow_answer_keeps_no_other_line_from_being_closed() -> None:
    house = Slow()
    async with open_door(house) as (runner, port):
        aside, idle = await asyncio.open_connection("127.0.0.1", port)
        idle.write(DIAL.replace(b"POST", b"GET"))
        await aside.readuntil(b"405: Method Not Allowed")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(DIAL)
        await house.asked.wait()
        closing = asyncio.create_task(runner.cleanup())
        assert await aside.read() == b"", "aiohttp's lines are not held up by ours"
        house.let.set()
        assert answers(await reader.read())[0][2] == SHOWN
        await closing
        for one in idle, writer:
            one.close()


async def test_whoever_hangs_up_meanwhile_is_waited_for_all_the_same() -> None:
    house = Slow()
    async with open_door(house) as (runner, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(DIAL)
        await house.asked.wait()
        writer.close()
        await writer.wait_closed()
        closing = asyncio.create_task(runner.cleanup())
        done, _ = await asyncio.wait([closing], timeout=0.2)
        assert not done, "what she said is being kept"
        house.let.set()
        await closing
    assert [type(said) for said in house.told] == [Inbound]


async def test_an_answer_that_never_comes_ends_with_its_connection() -> None:
    house = Slow()
    async with open_door(house) as (runner, port):
        runner._shutdown_timeout = 0.05
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(DIAL)
        await house.asked.wait()
        await runner.cleanup()
        assert await reader.read() == b"", "cut off"
        writer.close()


async def test_a_line_on_which_nothing_is_asked_is_closed() -> None:
    house = Slow()
    paper = Paper((await server(house))())
    wire = paper.protocol
    assert isinstance(wire, Wire)

    def closed_after(seconds: float) -> bool:
        wire._asked_at = asyncio.get_running_loop().time() - seconds
        wire._look()
        return paper.closed

    await paper.say(DIAL)
    assert not closed_after(76), "she waits for us"
    house.let.set()
    await paper.turn()
    assert not closed_after(70)
    assert closed_after(76)
    await paper.turn()
