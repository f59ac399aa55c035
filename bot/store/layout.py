"""What a store was laid out with when it was created, and can never change without being written anew."""

from bot.store.embedded import StoreError
from bot.store.functions import Functions
from bot.store.keys import META

SCHEMA = 1
"""The version of the keys and of what is in them."""


RESTORING = "restoring"
"""Set while a backup is put into a store: one that was left half full is no store to work with."""


async def agree(functions: Functions, shards: int) -> None:
    """Lays out an empty store; raises StoreError for one that was laid out otherwise."""
    if await functions.line.call("HGET", META, RESTORING):
        raise StoreError(
            "a backup was being restored into this store, and did not end: restore into a new one"
        )
    for name, wanted, mend in (
        ("schema", SCHEMA, "this store was written by another version of Kunnafoni: start that version"),
        (
            "shards",
            shards,
            "the number of shards is fixed once the store exists: put it back in [store] shards",
        ),
    ):
        await functions.line.call("HSETNX", META, name, wanted)
        held = int(await functions.line.call("HGET", META, name))
        if held != wanted:
            raise StoreError(f"the store has {name} {held}, and {wanted} was asked for: {mend}")
