"""The one port: what a call asks goes straight to its handler; the console is built when it is first asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

from bot.front import Front, Within


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


async def inside(request: web.Request) -> web.Response:
    return web.Response(text=f"inside {request.match_info['rest']}")


@asynccontextmanager
async def front(built: list[str]) -> AsyncIterator[str]:
    async def office() -> web.Application:
        await asyncio.sleep(0)  # others ask meanwhile
        built.append("console")
        app, console = web.Application(), web.Application()
        console.add_routes([web.get("/{rest:.*}", inside)])
        app.add_subapp("/admin", console)
        return app

    routes = [web.post("/line", hello), web.get("/line/{rest}", inside)]
    app = web.Application()
    app.add_routes(routes)
    within = web.AppRunner(app, access_log=None)
    await within.setup()
    whole = Front(within, routes, Within(office), ("/admin",))
    runner = web.ServerRunner(whole.server(idle=75.0))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        await whole.close()


async def told(client: ClientSession, method: str, url: str, **settings: bool) -> tuple[int, str]:
    async with client.request(method, url, **settings) as answer:  # type: ignore[arg-type]  # their keywords
        return answer.status, await answer.text()


async def test_each_address_is_answered_by_whoever_it_is_for(client: ClientSession) -> None:
    async with front([]) as url:
        assert await told(client, "POST", f"{url}/line") == (200, "hello")
        assert await told(client, "POST", f"{url}/line", expect100=True) == (200, "hello")
        assert await told(client, "GET", f"{url}/line/7") == (200, "inside 7")
        assert (await told(client, "GET", f"{url}/line"))[0] == 405
        assert (await told(client, "GET", f"{url}/administrator"))[0] == 404
        assert await told(client, "GET", f"{url}/admin/users") == (200, "inside users")


async def test_no_answer_says_what_it_is_made_of(client: ClientSession) -> None:
    async with front([]) as url:
        for method, path in ("POST", "/line"), ("GET", "/line"), ("GET", "/nowhere"), ("GET", "/admin/users"):
            async with client.request(method, f"{url}{path}") as answer:
                assert answer.headers["Server"] == "kunnafoni", path


async def test_the_console_is_built_once_and_only_when_it_is_asked_for(client: ClientSession) -> None:
    built: list[str] = []
    async with front(built) as url:
        await told(client, "POST", f"{url}/line")
        assert built == []
        answers = await asyncio.gather(*(told(client, "GET", f"{url}/admin/{page}") for page in range(5)))
        assert answers == [(200, f"inside {page}") for page in range(5)]
        assert built == ["console"]
