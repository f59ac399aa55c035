"""Console and API over a house: what people with a desk use, loaded when the first of them comes."""

from functools import partial

from aiohttp import web

from bot.admin.api.gate import api
from bot.admin.console import console
from bot.admin.desk import Desk
from bot.health import writable
from bot.house import House


def office(house: House, *, simulator: bool) -> web.Application:
    """`/admin` and `/api/v1`, each an application of its own."""
    app, desk = web.Application(), desk_of(house, simulator=simulator)
    app.add_subapp("/admin", console(desk))
    app.add_subapp("/api/v1", api(desk, house.settings.server.address_rate))
    return app


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
