"""What a sheet would do, looked through before one says yes: rows to look at again, cells that change, new rows."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from aiohttp import web
from msgspec import Struct

from bot.admin.listing import listing
from bot.admin.table import Choice, Column, Table
from bot.admin.visit import Visit
from bot.flow.definition import Problem
from bot.services.changes import Considered

TONES = {"refused": "bad", "changed": "warn", "added": "good"}
Row = TypeVar("Row")


class Effect(Struct, frozen=True):
    """One thing that a sheet would do, or why it would not."""

    what: str
    """`refused`, `changed` or `added`."""
    line: int = 0
    who: str = ""
    column: str = ""
    before: str = ""
    after: str = ""
    """What it becomes; of what is refused, why."""


class Named(Struct, frozen=True):
    """How the rows of a kind of sheet are called."""

    who: Callable[[Any], str]
    title: Callable[[str], str]
    """Of a column."""
    more: Callable[[Any], str]
    """What is told of a new one."""


TABLE: Table[Effect] = Table(
    "preview",
    [
        Column(
            "what",
            lambda one: one.what,
            lambda one, speech: speech.say(f"preview.{one.what}"),
            tone=lambda one: TONES[one.what],
        ),
        Column("line", lambda one: one.line or ""),
        Column("who", lambda one: one.who),
        Column("column", lambda one: one.column),
        Column("before", lambda one: one.before),
        Column("after", lambda one: one.after),
    ],
    searched=lambda one: f"{one.line or ''} {one.who} {one.column} {one.before} {one.after}",
)


async def previewed(
    visit: Visit, found: Considered[Row], problems: Sequence[Problem], named: Named, **values: Any
) -> web.Response:
    """`problems`: as the visitor reads them. `values`: the page's `back`, its name, `take`, what the button says."""
    whats = [(what, visit.say(f"preview.{what}")) for what in TONES]
    return await listing(
        visit,
        "preview.html",
        TABLE,
        _effects(found, problems, named),
        [Choice("what", whats, lambda one, what: one.what == what)],
        counts={
            "added": len(found.changes.added),
            "changed": len(found.changes.changed),
            "unchanged": len(found.changes.unchanged),
            "refused": len(problems),
        },
        **values,
    )


def _effects(found: Considered[Row], problems: Sequence[Problem], named: Named) -> list[Effect]:
    return [
        *(Effect("refused", one.line, after=one.message) for one in problems),
        *(
            Effect("changed", 0, named.who(one.row), named.title(one.column), one.before, one.after)
            for one in found.differences()
        ),
        *(Effect("added", 0, named.who(one), after=named.more(one)) for one in found.changes.added),
    ]
