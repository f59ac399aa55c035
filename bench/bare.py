"""The least a USSD gateway can do, to measure ours against: the form is read, one text is answered."""

import asyncio

import uvloop
from aiohttp import web

SHOWN = "CON Kunnafoni. Choisissez :"


async def ussd(request: web.Request) -> web.Response:
    await request.post()
    return web.Response(text=SHOWN)


async def serve() -> None:
    app = web.Application()
    app.router.add_post("/africastalking/ussd", ussd)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
