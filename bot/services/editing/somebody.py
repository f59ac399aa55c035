"""Who may be calling on an editor's phone: some steps only certain people come to."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct, json

from bot.config import Settings
from bot.flow.definition import ROLES, Flow
from bot.flow.release import Release
from bot.services.editing.line import NOW, PureLine
from bot.services.editing.talk import Talk
from bot.services.known import Doubt

_KINDS = (("code", 12), ("codes", 12), ("number", 10), ("high", 900))


class Somebody(Struct, frozen=True):
    """One of them. `name`: what is told of her, `phone.who.<name>`; of the plain one nothing."""

    role: str
    name: str
    headers: Mapping[str, str] = {}
    known: Mapping[str, str] = {}
    contact: Mapping[str, str] = {}


WORKERS: Final = (
    Somebody("asc", "plain", {"training": "yes"}),
    Somebody(
        "asc", "reported", {"training": "yes", "known": "stock stock:SRO=5 stock:CTE=9 checkin=present"}
    ),
    Somebody("asc", "bare", {"holds": ""}, contact={"supervisor": ""}),
    Somebody(
        "asc",
        "doubted",
        known={"doubts": json.encode([Doubt(why, "SRI", n, ("SRO", "CTE")) for why, n in _KINDS]).decode()},
    ),
)
NEWCOMERS: Final = (
    Somebody("unknown", "plain"),
    Somebody("unknown", "asked", {"known": "registration"}, contact={"consent": "yes"}),
    Somebody(
        "unknown", "refused", {"known": "registration"}, contact={"consent": "yes", "refused": str(NOW)}
    ),
)


def somebodies(flow: Flow) -> Iterator[Somebody]:
    """Those who may open that flow, the plainest first."""
    everybody = (*WORKERS, *NEWCOMERS, *(one for role in ROLES for one in _leading(role)))
    return (one for one in everybody if flow.open_to(one.role))


def _leading(role: str) -> Iterator[Somebody]:
    if role not in ("asc", "unknown"):
        yield Somebody(role, "plain", {"training": "yes"})
        yield Somebody(role, "leading", {"team": "stockout epidemic away newcomer"})


async def on_the_line(settings: Settings, release: Release, one: Somebody, language: str) -> PureLine:
    """The line as she hears it, dialled."""
    line = PureLine(settings, release, Talk("", {"lang": language, "as": one.role, **one.headers}))
    line.known |= one.known
    line.contact |= one.contact
    await line.dial()
    return line
