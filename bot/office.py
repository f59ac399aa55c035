"""Console and API over a house: what people with a desk use, loaded when the first of them comes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.admin.api.gate import api
from bot.admin.console import console
from bot.admin.desk import Desk
from bot.annex import FROM
from bot.front import GRACE
from bot.health import writable
from bot.house import House


def office(house: House, *, simulator: bool) -> web.Application:
    """`/admin` and `/api/v1`, each an application of its own."""
    app, desk = web.Application(), desk_of(house, simulator=simulator)
    app.add_subapp("/admin", console(desk))
    app.add_subapp("/api/v1", api(desk, house.settings.server.address_rate))
    return app


@asynccontextmanager
async def at_desk(house: House, socket: Path, *, simulator: bool) -> AsyncIterator[None]:
    """Serves them on a socket that only a gateway beside us reaches (`bot.annex`), until left."""
    app = office(house, simulator=simulator)
    app.middlewares.append(_told_by_front)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    await web.UnixSite(runner, socket).start()
    try:
        yield
    finally:
        await runner.cleanup()
        await house.gateway.settle()


@web.middleware
async def _told_by_front(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who asks is whom the gateway saw."""
    return await handler(request.clone(remote=request.headers[FROM]))


def desk_of(house: House, *, simulator: bool) -> Desk:
    return Desk(
        house.keeper,
        house.audit,
        house.contacts,
        house.ledger,
        house.outbox,
        house.releases,
        house.programme,
        house.gateway,
        house.clock,
        house.editing,
        house.running,
        house.search,
        house.past,
        house.uploads,
        house.book,
        house.figures,
        house.overseer,
        partial(writable, house.server, house.settings.store.shards),
        house.admission,
        house.broadcasts,
        house.planner,
        house.trainings,
        house.moving,
        house.reminders,
        free_phone=simulator,
    )
