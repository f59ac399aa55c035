"""From one schema of the store to the next: a step for each, in order, each harmless when it is done twice."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.store.functions import Functions

_log = logging.getLogger("kunnafoni.store")

Migration = Callable[[Functions, int], Awaitable[None]]
"""Brings a store with so many shards from the schema before to this one. May be stopped anywhere, and begun again."""

MIGRATIONS: Mapping[int, Migration] = {}
"""By the schema it leads to. A version that adds keys adds nothing here; one that changes what is kept does."""


async def migrate(
    functions: Functions,
    held: int,
    wanted: int,
    shards: int,
    steps: Mapping[int, Migration],
    arrived: Callable[[int], Awaitable[None]],
) -> None:
    """Takes every step from `held` to `wanted`; `arrived` notes each. Raises KeyError where there is no way."""
    way = [(schema, steps[schema]) for schema in range(held + 1, wanted + 1)]
    for schema, step in way:
        _log.warning("store_migrates schema=%d", schema)
        await step(functions, shards)
        await arrived(schema)
