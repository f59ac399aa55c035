"""`python -m bench.past`: a month of a country's messages in an archive file, and how long the console looks in it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec import Struct, json

from bot.store.archived import Archived
from bot.store.archives import Archives
from bot.store.functions import Functions
from bot.store.keys import Shard
from bot.store.mail import Body, Line
from bot.store.outbox import MESSAGES
from bot.store.past import Look, Past, message_of
from bot.store.search import NEWEST
from bot.store.servers import connect
from bot.store.things import Thing

SHARDS = 64
MONTH, BEGAN, LASTS = "202603", 1_772_323_200_000, 31 * 86_400_000
TICK = 0.001


class Looked(Struct, frozen=True):
    """What was looked for, and how long that took; and how long the loop was held at the most (milliseconds)."""

    what: str
    found: int
    took: float
    held: float


async def measure(folder: Path, messages: int) -> list[Looked]:
    archives = Archives(folder)
    folder.mkdir()
    _write(archives, messages)
    server = await connect("embedded", folder / "data")
    try:
        functions = Functions(server.tick)
        for number in range(SHARDS):  # as the store remembers what was moved
            await functions.line.call(
                "HSET", Shard(number).archived, f"{MESSAGES.name}:{MONTH}", messages // SHARDS
            )
        past = Past(functions, Archived(functions, archives), SHARDS)
        return [
            await _looked("the newest page", past, Look(MESSAGES, message_of)),
            await _looked(
                "a word that is there once", past, Look(MESSAGES, message_of, _says(f"n° {messages // 2}."))
            ),
            await _looked("a word that is not there", past, Look(MESSAGES, message_of, _says("nothing"))),
            await _looked(
                "one by its name", past, Look(MESSAGES, message_of, most=1, naming=b'"id":"reminder:7"')
            ),
        ]
    finally:
        await server.close()


def _says(word: str) -> Callable[[Line], bool]:
    return lambda line: word in line.text


def _write(archives: Archives, messages: int) -> None:
    with archives.writing(MESSAGES.name, MONTH) as writer:
        for number in range(SHARDS):
            with writer.section(Shard(number)) as out:
                out.writelines(_message(one, messages) for one in range(number, messages, SHARDS))
        writer.done()


def _message(number: int, messages: int) -> bytes:
    at, to = BEGAN + number * LASTS // messages, f"+2237{number % 10_000_000:07}"
    text = f"Bonjour Awa, n'oubliez pas de compter votre stock aujourd'hui, merci. Message n° {number}."
    body = Body(
        to=to, kind="reminder", key="reminder.stock", values={"name": "Awa Traoré"}, unit="ML/SEG/BLA/FALO"
    )
    fields = {
        "message": json.encode(body).decode(),
        "state": "delivered",
        "attempts": "1",
        "made": f"{at}",
        "due": f"{at}",
        "text": text,
        "segments": "1",
        "cost": "XOF 25.00",
        "provider_id": f"ATXid_{number:032}",
        "sent": f"{at + 60_000}",
        "lane": ":reminder",
    }
    return Thing(at, f"reminder:{number}", fields).line()


async def _looked(what: str, past: Past, look: Look[Line]) -> Looked:
    longest, over = 0.0, asyncio.Event()

    async def watch() -> None:
        nonlocal longest
        while not over.is_set():
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            longest = max(longest, time.perf_counter() - began - TICK)

    watching = asyncio.create_task(watch())
    began, found = time.perf_counter(), 0
    async for _, thing in past.back(look, NEWEST):
        found += thing is not None
        if found == look.most:
            break
    took = time.perf_counter() - began
    over.set()
    await watching
    return Looked(what, found, took * 1000, longest * 1000)


@click.command()
@click.option(
    "--messages", default=150_000, show_default=True, help="In the month: a country's, with its reminders."
)
def main(messages: int) -> None:
    """A month of archived messages: how long a page, a search and one message take, and how long phones wait for it."""
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        for one in asyncio.run(measure(Path(name) / "archives", messages)):
            click.echo(
                f"{one.what:30} {one.found:4} found {one.took:8.0f} ms   loop held {one.held:5.1f} ms at most"
            )


if __name__ == "__main__":
    main()
