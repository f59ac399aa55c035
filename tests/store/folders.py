"""The folder of an embedded store in the tests: filled, counted, asked which process serves it."""

from pathlib import Path

from redis.asyncio import Redis

from bot.store.embedded import Embedded
from bot.store.servers import connect

INCREMENT = "appendonlydir/appendonly.aof.1.incr.aof"


async def pid_of(place: Embedded) -> int:
    async with Redis.from_url(place.url, protocol=3) as client:
        return int((await client.info("server"))["process_id"])


async def fill(data: Path, keys: int) -> None:
    server = await connect("embedded", data)
    for number in range(keys):
        await server.tick.call("SET", f"key:{number}", "x" * 40)
    await server.close()


async def keys_in(data: Path) -> int:
    server = await connect("embedded", data)
    found = int(await server.tick.call("DBSIZE"))
    await server.close()
    return found


async def write(url: str, key: str, value: str) -> None:
    async with Redis.from_url(url) as client:
        await client.set(key, value)
