"""What the commands do once their options are read: each opens the house, works, and closes it."""

import asyncio
import gc
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from bot import files
from bot.annex import Annex
from bot.app import listening, open_house, prepare, refreshing, working
from bot.config import Settings
from bot.crew import crew
from bot.house import House
from bot.journal import journal
from bot.services import exports
from bot.services.accounts import FIRST
from bot.services.changes import Report
from bot.services.roster import export_roster, import_roster
from bot.services.units import import_units
from bot.store.alerts import Line as AlertLine
from bot.store.embedded import StoreError
from bot.store.ledger import Row
from bot.store.outbox import Line
from bot.store.promises import promises
from bot.store.rebuild import differences
from bot.store.servers import Server
from bot.store.sessions import now_ms

_log = logging.getLogger("kunnafoni.app")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
GARBAGE = 20_000
"""New objects between two looks for garbage; a step makes some fifty, and hardly ever a cycle."""
AFTER_CALLS = 5
"""How nice the console is: calls have the processor first."""
UNITS_FILE = "org_units.csv"


async def serve(
    settings: Settings, parts: tuple[str, ...], *, demo: bool | None, config: Path | None = None
) -> None:
    """Runs the parts until SIGTERM or Ctrl-C; what is under way is finished first, and the store stops last."""
    stop = _told_to_stop()
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(journal(sys.stderr))
        house = await stack.enter_async_context(open_house(settings, line=log.step))
        await _promised(house.server)
        await prepare(house, files.source(files.root()), with_demo=demo if "worker" in parts else bool(demo))
        if "worker" in parts:
            await stack.enter_async_context(working(house))
        if "gateway" in parts:
            simulator = demo is not False and settings.server.host in LOOPBACK
            console = Annex(
                _console(settings, config, simulator=simulator), {"KUNNAFONI_STORE__URL": house.server.url}
            )
            address = await stack.enter_async_context(
                listening(house, simulator=simulator, reuse_port=True, apart=console)
            )
            await stack.enter_async_context(
                crew(settings.server.workers - 1, _likewise(settings, config, address, demo))
            )
            first = await house.keeper.first() if "worker" in parts else None
            _welcome(house, address, first, simulator=simulator)
        _settle_down()
        await stop.wait()
        _log.info("stopping")


async def serve_console(settings: Settings, socket: Path, *, simulator: bool) -> None:
    """Console and API on this socket, for the gateway that reads and writes us: until it closes our standard input."""
    from bot.office import at_desk  # noqa: PLC0415 - half a second of modules that no gateway needs

    stop = _told_to_stop()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop.set)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(journal(sys.stderr))
        house = await stack.enter_async_context(open_house(settings))
        await stack.enter_async_context(refreshing(house))
        await stack.enter_async_context(at_desk(house, socket, simulator=simulator))
        print("ready", flush=True)
        _settle_down()
        os.nice(AFTER_CALLS)
        await stop.wait()


def _told_to_stop() -> asyncio.Event:
    """Is set by SIGTERM and by Ctrl-C."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop


def _settle_down() -> None:
    """What is loaded by now stays: the collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def _likewise(settings: Settings, config: Path | None, address: str, demo: bool | None) -> list[str]:
    """The arguments of a gateway beside this one, on the same port and store."""
    port = address.rpartition(":")[2]
    told = ["--host", settings.server.host, "--port", port, "--data", settings.store.data]
    return told + (["--config", str(config)] if config else []) + (["--no-demo"] if demo is False else [])


def _console(settings: Settings, config: Path | None, *, simulator: bool) -> list[str]:
    """The arguments of the console of this gateway."""
    told = ["--data", settings.store.data, *(["--config", str(config)] if config else [])]
    return [*told, "--simulator"] if simulator else told


async def _promised(server: Server) -> None:
    """Says what the store does not promise. Raises StoreError when that would lose data."""
    found = await promises(server)
    for finding in found:
        print(f"store: {finding.level}: {finding.what}. {finding.mend}", file=sys.stderr)
    if any(finding.level == "error" for finding in found):
        raise StoreError("this store would lose what it has acknowledged: not started")


def _welcome(house: House, address: str, first: str | None, *, simulator: bool) -> None:
    key = callback_key(house.settings)
    form = "sessionId=ATUid_1&serviceCode=*123%23&phoneNumber=%2B22370000001&networkCode=61002&text="
    print(f"Kunnafoni listens on {address}")
    print(f"Console: {address}/admin/")
    if first:
        print(f"First administrator: {FIRST}, one-time password {first}   (asked to be replaced at once)")
    if simulator:
        print(
            f"A phone to try it with: {address}/admin/phone   (in the terminal: kunnafoni phone --url {address})"
        )
    print(f"Dial with curl: curl -d '{form}' '{address}/africastalking/ussd?key={key}'", flush=True)


def callback_key(settings: Settings) -> str:
    """The key that the Africa's Talking callbacks must bear; the first of several."""
    channel = settings.channels.get("africastalking")
    return str(channel.get("callback_key", "")).partition(",")[0] if channel else ""


async def work_once(settings: Settings, now: int | None) -> None:
    """Does what is due at that moment (Unix ms; None: now) and sends what is ready."""
    async with (
        journal(sys.stderr),
        open_house(settings, clock=(lambda: now) if now is not None else now_ms) as house,
    ):
        await house.worker().once()


async def import_people(settings: Settings, file: Path) -> list[Report]:
    """Takes a roster, and first the org units beside it; or the units alone when that is the file."""
    async with open_house(settings) as house:
        reports = []
        units = file if file.name == UNITS_FILE else file.parent / UNITS_FILE
        if units.exists():
            reports.append(await import_units(units.read_bytes(), house.contacts, str(units)))
        if file.name != UNITS_FILE:
            products, programme = list(settings.products), settings.programme
            languages = sorted(programme.languages, key=lambda code: code != programme.default_language)
            reports.append(
                await import_roster(file.read_bytes(), house.contacts, products, languages, str(file))
            )
        return reports


async def export_people(settings: Settings) -> str:
    async with open_house(settings) as house:
        return export_roster([contact async for contact in house.contacts.contacts()])


async def export_reports(
    settings: Settings, since: int, until: int | None, kind: str, form: str, output: Path | None
) -> None:
    async with open_house(settings) as house:
        rows = house.ledger.read(since, until, kind)
        if output is None:
            await exports.write(rows, Row, form, sys.stdout)
            return
        part = output.with_name(f"{output.name}.part")
        with part.open("w", encoding="utf-8", newline="") as out:
            await exports.write(rows, Row, form, out)
        part.replace(output)


async def export_outbox(settings: Settings, since: int, form: str) -> None:
    async with open_house(settings) as house:
        await exports.write(house.outbox.read(since), Line, form, sys.stdout)


async def export_alerts(settings: Settings, since: int, form: str) -> None:
    async with open_house(settings) as house:
        await exports.write(house.alerts.read(since), AlertLine, form, sys.stdout)


async def rebuild(settings: Settings) -> list[str]:
    async with open_house(settings) as house:
        return await differences(house.functions, house.ledger, settings.store.shards, house.programme.local)
