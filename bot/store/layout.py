"""What a store was laid out with when it was created, and can never change without being written anew."""

from bot.store.embedded import StoreError
from bot.store.functions import Functions
from bot.store.keys import META
from bot.store.migrations import MIGRATIONS as STEPS
from bot.store.migrations import migrate

SCHEMA = 1
"""The version of the keys and of what is in them."""


RESTORING = "restoring"
"""Set while a backup is put into a store: one that was left half full is no store to work with."""


async def agree(functions: Functions, shards: int) -> None:
    """Lays out an empty store, and brings one of an earlier version up to this; StoreError for any other."""
    line = functions.line
    if await line.call("HGET", META, RESTORING):
        raise StoreError(
            "a backup was being restored into this store, and did not end: restore into a new one"
        )
    await line.call("HSETNX", META, "schema", SCHEMA)
    await line.call("HSETNX", META, "shards", shards)
    schema, laid_out = map(int, await line.call("HMGET", META, "schema", "shards"))
    if laid_out != shards:
        raise StoreError(
            f"the store has shards {laid_out}, and {shards} was asked for: "
            "the number of shards is fixed once the store exists: put it back in [store] shards"
        )
    if schema != SCHEMA:
        await _up_to_date(functions, schema, shards)


async def _up_to_date(functions: Functions, held: int, shards: int) -> None:
    async def arrived(schema: int) -> None:
        await functions.line.call("HSET", META, "schema", schema)

    if held > SCHEMA:
        raise StoreError(
            f"the store has schema {held}, and {SCHEMA} was asked for: "
            "this store was written by another version of Kunnafoni: start that version"
        )
    try:
        await migrate(functions, held, SCHEMA, shards, STEPS, arrived)
    except KeyError as none:
        raise StoreError(
            f"the store has schema {held}, and nothing leads from there to {SCHEMA}: "
            "start the version that wrote it, and take the versions between one after the other"
        ) from none
