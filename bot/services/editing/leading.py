"""Who a leader leads in a conversation: `team: stockout epidemic away newcomer`, as both lines set it up."""

from collections.abc import Iterator

from msgspec import json

from bot import rules
from bot.services import at_hand
from bot.services.at_hand import AtHand, Missing
from bot.services.judging import Judge
from bot.store.alerts import Alert, Raised
from bot.store.keys import shard_of

BINTOU, MOUSSA = "+22370000002", "+22370000009"
NAME = "Bintou Keïta"
FIELDS = {"name": NAME, "unit_name": "CSCom de Touna", "org_unit": "TOUNA", "path": "TOUNA"}
FOUND = {
    "stockout": rules.Raise("stockout:SRO", {"product": "SRO"}),
    "epidemic": rules.Raise("epidemic:cholera", {"what": "@alert.event.cholera", "cases": " (3)"}),
    "absent": rules.Raise("absent", {"why": "@checkin.why.insecurity"}),
    "newcomer": rules.Raise("newcomer", {"name": "Moussa Keita"}),
}
SHARDS = 64


def raised(words: str, judge: Judge, leader: str, now: int) -> Iterator[Raised]:
    """What was raised of her team before she calls, a minute apart."""
    kinds = [kind for kind in words.split() if kind in FOUND]
    for minutes, kind in enumerate(kinds, 1):
        who, fields = (MOUSSA, {}) if kind == "newcomer" else (BINTOU, FIELDS)
        said = {**fields, "supervisor": leader}
        yield judge.raised(kind, FOUND[kind], who, said, now - 60_000 * minutes)


class Numbers:
    """Numbers as the store gives them: those of a shard one after the other."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def next(self, msisdn: str) -> int:
        shard = shard_of(msisdn, SHARDS).number
        self._counts[shard] = self._counts.get(shard, 0) + 1
        return self._counts[shard] * SHARDS + shard


def alert(raised: Raised, number: int) -> Alert:
    """The alert that the store opens."""
    return Alert(
        number=number,
        kind=raised.kind,
        subject=raised.subject,
        state="open",
        msisdn=raised.msisdn,
        name=raised.name,
        unit=raised.unit,
        path=raised.path,
        supervisor=raised.supervisor,
        urgent=raised.urgent,
        values=json.decode(raised.values),
        opened=raised.at,
        step=0,
        level=-1,
        holder="",
        heard=(),
        bounced=(),
        round=0,
    )


def hand(words: str, alerts: list[Alert]) -> AtHand:
    """What the leader has at hand; Bintou has checked in unless she is away."""
    away = [Missing(BINTOU, NAME, "")] if "away" in words.split() else []
    return at_hand.of(alerts, away, 1 if words else 0)
