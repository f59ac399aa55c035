"""The composition root: opens the store, the house over it, and what serves and works in it."""

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple, cast

from aiohttp import web

from bot import demo
from bot.channels import Quick, Quickened
from bot.config import Settings
from bot.flow.check import lint, missing_flows
from bot.flow.definition import FlowError
from bot.flow.release import Release, Source
from bot.front import GRACE, Apart, Front, Within
from bot.health import health_routes
from bot.house import House
from bot.inherited import listener
from bot.limits import Addresses, Flood, Pace, Turnstile
from bot.services.editing.folder import publish_files
from bot.store.embedded import StoreError
from bot.store.layout import agree
from bot.store.servers import connect
from bot.store.sessions import now_ms
from bot.store.tick import StoreUnavailable
from bot.worker import Worker

_log = logging.getLogger("kunnafoni.app")

REFRESH = 0.5
"""Seconds within which every worker begins new conversations on a release just published."""
OPENINGS = 10
"""How often the store may go away while it is opened."""
IDLE = 75.0
"""Seconds a connection is kept on which nothing is asked."""
LINGER = 1.0
"""Seconds in which whoever was let in just before the door closed says what it asks."""


@asynccontextmanager
async def open_house(
    settings: Settings, clock: Callable[[], int] = now_ms, line: Callable[[str], None] = _log.info
) -> AsyncIterator[House]:
    """The house over its store, ready to use; closed in the reverse order. `line` writes one line of the log."""
    server = await connect(
        settings.store.url, Path(settings.store.data), wait_replicas=settings.store.wait_replicas
    )
    try:
        house = House(settings, server, clock, line)
        await _settled(house)
        try:
            yield house
        finally:
            await house.close()
    finally:
        await server.close()


async def _settled(house: House) -> None:
    """Makes the store ready. One that goes away meanwhile is waited for: its last owner may just have stopped it."""
    for _ in range(OPENINGS):
        try:
            await agree(house.functions, house.settings.store.shards)
            await house.functions.load()
            await house.releases.refresh()
        except StoreUnavailable:
            await asyncio.sleep(REFRESH)
        else:
            return
    raise StoreError("the store answers, and goes away again: see its log")


async def prepare(house: House, source: Source, *, with_demo: bool | None) -> None:
    """Publishes what is new in the flow files, and fills an empty store with the demo programme.

    `with_demo` None: only when nobody is on the roster. Raises FlowError for files with errors.
    """
    await furnish(house, checked(source, house.settings), with_demo=with_demo)


def checked(source: Source, settings: Settings) -> Release:
    """The flow files as a release. Raises FlowError for files with errors."""
    release = Release(source)
    found = missing_flows(release) + lint(release, settings.products)
    if errors := [problem for problem in found if problem.level == "error"]:
        raise FlowError(errors)
    return release


async def furnish(house: House, release: Release, *, with_demo: bool | None) -> None:
    """The same as `prepare`, of files that were checked."""
    await publish_files(house.releases, release, house.clock())
    if with_demo is False:
        return
    async for _ in house.contacts.contacts():
        return
    today = house.programme.local(house.clock()).date()
    await demo.load(house.contacts, today)
    await house.trainings.put([demo.session(today)])


class Line(NamedTuple):
    """What the phones' side of the port answers."""

    routes: list[web.RouteDef]
    """Of channels and health, each handler the whole path."""
    quick: dict[str, Quick]


def line_of(house: House) -> Line:
    limits, metrics = house.settings.server, house.metrics
    door = Turnstile(house.gateway, Pace(limits.number_rate), Flood(metrics, "number"), house.busy)
    addresses = Addresses(Pace(limits.address_rate), Flood(metrics, "address"))
    asked = [health_routes(house.server, house.releases, metrics, house.settings.store.shards)]
    quick: dict[str, Quick] = {}
    for channel in house.channels.values():
        asked.append(channel.routes(door))
        if isinstance(channel, Quickened):
            quick |= channel.quick(door)
    return Line([route for routes in asked for route in addresses.routes(routes)], addresses.quick(quick))


async def _front(house: House, apart: Apart) -> tuple[Front, web.Server]:
    """The line, ready to be asked."""
    app = web.Application(client_max_size=16 * 1024)
    line = line_of(house)
    app.add_routes(line.routes)
    inside = web.AppRunner(app, access_log=None)
    await inside.setup()
    front = Front(inside, line.routes, apart, ("/admin", "/api/v1"), line.quick)
    return front, front.server(idle=IDLE)


def _within(house: House, *, simulator: bool) -> Within:
    """Console and API in this process."""

    async def build() -> web.Application:
        # Half a second of modules that no call needs; in a thread, so that calls go on meanwhile.
        office = await asyncio.to_thread(importlib.import_module, "bot.office")
        return cast("web.Application", office.office(house, simulator=simulator))

    return Within(build)


@asynccontextmanager
async def listening(
    house: House, *, simulator: bool, reuse_port: bool = False, apart: Apart | None = None
) -> AsyncIterator[str]:
    """Serves until left; yields the address. `apart`: the console, if it is not to be in this process."""
    settings = house.settings.server
    front, server = await _front(house, apart or _within(house, simulator=simulator))
    runner = web.ServerRunner(server, shutdown_timeout=GRACE)
    await runner.setup()
    held = listener() if reuse_port else None
    ours = web.TCPSite(runner, settings.host, settings.port, reuse_port=reuse_port or None)
    await (web.SockSite(runner, held) if held else ours).start()
    house.metrics.release.set(house.releases.current)
    try:
        async with refreshing(house):
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
    finally:
        if reuse_port:
            await _said_out(runner)
        await runner.cleanup()
        await front.close()
        await house.gateway.settle()


async def _said_out(runner: web.ServerRunner) -> None:
    """Takes no more calls, and hears those that were taken a moment ago and have not said yet what they ask."""
    for site in list(runner.sites):
        await site.stop()
    await asyncio.sleep(LINGER)


@asynccontextmanager
async def refreshing(house: House) -> AsyncIterator[None]:
    """Takes up each release as it is published, until left."""
    task = asyncio.create_task(_refresh(house))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _refresh(house: House) -> None:
    while True:
        await asyncio.sleep(REFRESH)
        try:
            number = await house.releases.refresh()
            house.metrics.release.set(number)
        except Exception as error:  # noqa: BLE001 - a release that cannot be read leaves the one there is
            _log.warning("release_not_refreshed why=%s", error)


@asynccontextmanager
async def working(house: House) -> AsyncIterator[Worker]:
    """Runs a worker until left."""
    worker = house.worker()
    task = asyncio.create_task(worker.run())
    task.add_done_callback(_worker_ended)
    try:
        yield worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _worker_ended(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.critical("worker_died", exc_info=error)
