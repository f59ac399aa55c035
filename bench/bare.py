"""The least a USSD gateway can do, to measure ours against: the form is read, one text is answered.

With the address of a store as argument, each request also waits for one write, which shares a pipeline with others.
"""

import asyncio
import sys

import uvloop
from aiohttp import web
from redis.asyncio import Redis

from bot.store.tick import Tick

SHOWN = "CON Kunnafoni. Choisissez :"


async def ussd(request: web.Request) -> web.Response:
    await request.post()
    return web.Response(text=SHOWN)


def keeping(tick: Tick) -> web.RouteDef:
    async def ussd(request: web.Request) -> web.Response:
        form = await request.post()
        await tick.call("SET", str(form["phoneNumber"]), str(form["text"]))
        return web.Response(text=SHOWN)

    return web.post("/africastalking/ussd", ussd)


async def serve(url: str) -> None:
    app = web.Application()
    app.add_routes(
        [keeping(Tick(Redis.from_url(url, protocol=3))) if url else web.post("/africastalking/ussd", ussd)]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1] if len(sys.argv) > 1 else ""))
