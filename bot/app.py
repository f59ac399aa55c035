"""The composition root: builds every object once, in order. The only module that knows all the others."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web

from bot import channels, demo
from bot.admin.console import console
from bot.admin.desk import Desk
from bot.channels import Channel
from bot.channels.simulator import Nowhere
from bot.config import ConfigError, Settings
from bot.files import conversations, root
from bot.flow.check import lint, missing_flows
from bot.flow.definition import FlowError
from bot.flow.release import Release, Source
from bot.gateway import Gateway
from bot.health import health_routes
from bot.messages import Sender
from bot.metrics import Metrics
from bot.services.accounts import Keeper
from bot.services.editing.desk import Editing
from bot.services.editing.folder import publish_files
from bot.services.inbox import Inbox
from bot.services.known import Programme
from bot.store.accounts import Accounts
from bot.store.audit import Audit
from bot.store.contacts import Contacts
from bot.store.drafts import Drafts
from bot.store.embedded import StoreError
from bot.store.functions import Functions
from bot.store.layout import agree
from bot.store.ledger import Ledger
from bot.store.outbox import Outbox
from bot.store.releases import Releases
from bot.store.running import Running
from bot.store.servers import Server, connect
from bot.store.sessions import Sessions, now_ms
from bot.store.tick import StoreUnavailable
from bot.toml import Table
from bot.worker import Worker

_log = logging.getLogger("kunnafoni.app")

REFRESH = 0.5
"""Seconds within which every worker begins new conversations on a release just published."""
OPENINGS = 10
"""How often the store may go away while it is opened."""
GRACE = 10
"""Seconds given to requests under way when the gateway stops."""


class House:
    """Everything over one store; the parts are built when they are first needed by whoever opens it."""

    def __init__(
        self,
        settings: Settings,
        server: Server,
        clock: Callable[[], int],
        line: Callable[[str], None] = _log.info,
    ) -> None:
        shards = settings.store.shards
        functions = Functions(server.tick)
        self.settings = settings
        self.server = server
        self.clock = clock
        self.functions = functions
        self.metrics = Metrics()
        self.programme = Programme(settings)
        self.sessions = Sessions(functions, shards)
        self.releases = Releases(functions)
        self.contacts = Contacts(functions, shards)
        self.ledger = Ledger(functions, shards)
        self.outbox = Outbox(functions, shards)
        self.audit = Audit(functions)
        self.keeper = Keeper(Accounts(functions), self.audit, clock)
        self.editing = Editing(
            Drafts(functions), self.releases, self.contacts, settings, conversations(root()), clock
        )
        self.running = Running(functions, shards)
        self.channels = {name: _channel(name, table) for name, table in settings.channels.items()}
        self.gateway = Gateway(
            self.sessions,
            self.releases,
            self.programme,
            Inbox(self.sessions, self.releases, self.programme, clock),
            self.contacts,
            self.outbox,
            self.metrics,
            clock,
            line,
        )

    def worker(self) -> Worker:
        return Worker(
            self.outbox,
            self.sessions,
            self.contacts,
            self.releases,
            self.programme,
            self._senders(),
            self.metrics,
            self.clock,
        )

    def _senders(self) -> dict[str, tuple[Sender, float]]:
        """How each channel sends; with none that can, messages stay here, for the phone simulator to read."""
        able = {
            name: (channel.sender, channel.rate) for name, channel in self.channels.items() if channel.sends
        }
        if not able:
            _log.warning("no_channel_sends: no api_key is set, so SMS are only shown on the phone simulator")
        # What the simulator was told stays with it, whoever else can send.
        return {**able, "simulator": (Nowhere(), 10_000.0)}

    async def close(self) -> None:
        for channel in self.channels.values():
            await channel.sender.close()


def _channel(name: str, table: Table) -> Channel:
    """Raises ConfigError for a channel there is not, and for settings it cannot work with."""
    try:
        kind = channels.load([name])[name]
        return kind.create(table.read(kind.Settings))
    except (LookupError, ValueError) as error:
        raise ConfigError([table.origin.problem(table.where, str(error))]) from error


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


async def prepare(house: House, files: Source, *, with_demo: bool | None) -> None:
    """Publishes what is new in the flow files, and fills an empty store with the demo programme.

    `with_demo` None: only when nobody is on the roster. Raises FlowError for files with errors.
    """
    release = Release(files)
    found = missing_flows(release) + lint(release, house.settings.products)
    errors = [problem for problem in found if problem.level == "error"]
    if errors:
        raise FlowError(errors)
    await publish_files(house.releases, release, house.clock())
    if with_demo is False:
        return
    async for _ in house.contacts.contacts():
        return
    await demo.load(house.contacts, house.programme.local(house.clock()).date())


def web_app(house: House, *, simulator: bool) -> web.Application:
    """The routes of channels and health, each handler the whole path; the console is an application of its own."""
    app = web.Application(client_max_size=16 * 1024)
    for channel in house.channels.values():
        app.add_routes(channel.routes(house.gateway))
    app.add_routes(health_routes(house.server, house.releases, house.metrics))
    app.add_subapp("/admin", console(_desk(house, simulator=simulator)))
    return app


def _desk(house: House, *, simulator: bool) -> Desk:
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
        free_phone=simulator,
    )


@asynccontextmanager
async def listening(house: House, *, simulator: bool, reuse_port: bool = False) -> AsyncIterator[str]:
    """Serves until left; yields the address."""
    settings = house.settings.server
    runner = web.AppRunner(web_app(house, simulator=simulator), access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port, reuse_port=reuse_port or None)
    await site.start()
    house.metrics.release.set(house.releases.current)
    refreshing = asyncio.create_task(_refresh(house))
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        refreshing.cancel()
        with suppress(asyncio.CancelledError):
            await refreshing
        await runner.cleanup()
        await house.gateway.settle()


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
