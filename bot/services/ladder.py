"""Alerts on their way up: whoever must hear of one now is written to, and after its delay the next level."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import json

from bot.metrics import Metrics
from bot.services.judging import Judge
from bot.services.leaders import Leaders
from bot.store.alerts import Alert, Alerts
from bot.store.contacts import Contacts
from bot.store.outbox import Body, Outbox
from bot.store.sessions import Message

_log = logging.getLogger("kunnafoni.alerts")

EVERY = 2_000
"""Milliseconds between two looks."""
FRESH = 60_000
"""Milliseconds for which the leaders are remembered."""
AT_ONCE = 50
"""Alerts of each shard taken at once."""
TOGETHER = 50
"""Of these, told at one time: whoever dials meanwhile waits for no more."""
LOOK_AGAIN = 24 * 3600 * 1000
"""Milliseconds after which it is looked again for somebody to tell, where nobody was there."""


class Ladder:
    """Tells what is due, first the message, then that it was told: twice, or on two workers, makes no second one."""

    def __init__(
        self, alerts: Alerts, contacts: Contacts, outbox: Outbox, judge: Judge, metrics: Metrics
    ) -> None:
        self._alerts = alerts
        self._contacts = contacts
        self._outbox = outbox
        self._judge = judge
        self._metrics = metrics
        self._leaders = Leaders()
        self._read: int | None = None

    async def run(self, now: int) -> None:
        """Tells all that is due now (Unix ms)."""
        while found := await self._alerts.due(now, AT_ONCE):
            await self._refresh(now)
            for start in range(0, len(found), TOGETHER):
                await self._go_on(found[start : start + TOGETHER], now)

    async def bounced(self, msisdn: str, number: int, now: int) -> None:
        """What was to tell her of this alert reached nobody: the next level hears at once.

        Whoever has another number since is told of under that one.
        """
        alert, moved = await self._alerts.get(number), await self._contacts.moved_to(msisdn)
        who = moved.msisdn if moved and await self._contacts.get(msisdn) is None else msisdn
        if alert is not None and await self._alerts.bounced(alert.number, who, now):
            self._metrics.alerts.labels("bounced").inc()

    async def stands(self, number: int) -> bool:
        """Whether a message about it is still worth sending: it waits for somebody to act."""
        alert = await self._alerts.get(number)
        if alert is not None and alert.state == "resolved":
            await self._alerts.unsaid(alert.number)
        return alert is None or alert.state == "open"

    async def _refresh(self, now: int) -> None:
        if self._read is None or abs(now - self._read) > FRESH:
            self._leaders, self._read = Leaders(await self._contacts.leaders()), now

    async def _go_on(self, alerts: Iterable[Alert], now: int) -> None:
        found: defaultdict[str, list[tuple[Alert, int]]] = defaultdict(list)
        lonely = []
        for alert in alerts:
            reached = self._leaders.next(alert)
            if reached is None:
                lonely.append(alert)
            else:
                level, leader = reached
                found[leader.msisdn].append((alert, level))
        # A part of the store that does not answer holds up those alone who are written to from it.
        await asyncio.gather(
            *(self._tell(leader, some, now) for leader, some in found.items()),
            *(self._nobody(alert, now) for alert in lonely),
        )

    async def _tell(self, leader: str, alerts: Sequence[tuple[Alert, int]], now: int) -> None:
        await self._outbox.queue(
            message(alert, _telling(alert, level), leader, now) for alert, level in alerts
        )
        await asyncio.gather(*(self._told(alert, level, leader, now) for alert, level in alerts))

    async def _told(self, alert: Alert, level: int, leader: str, now: int) -> None:
        delays = self._judge.delays(alert.kind)
        again = now + delays[level] if level < len(delays) else None
        if await self._alerts.told(alert, level, leader, now, again):
            self._metrics.alerts.labels("told" if level == 0 else "escalated").inc()

    async def _nobody(self, alert: Alert, now: int) -> None:
        """It stays open; where nobody at all has heard, somebody may be there another day."""
        if await self._alerts.unheard(alert, now, None if alert.heard else now + LOOK_AGAIN):
            self._metrics.alerts.labels("unheard").inc()
            _log.warning("alert_unheard number=%d kind=%s unit=%s", alert.number, alert.kind, alert.unit)


def _telling(alert: Alert, level: int) -> str:
    """Names a telling among those of its alert: where it bounced, the next of the same level is another."""
    again = (alert.round, len(alert.bounced)) if alert.bounced else (alert.round,) if alert.round else ()
    return ":".join(map(str, (level, *again)))


def message(alert: Alert, step: str, to: str, now: int) -> Message:
    """What tells a leader of it; `step` tells this telling from the others."""
    body = Body(
        to=to,
        kind="alert",
        key=f"alert.{alert.kind}.told",
        values={**alert.values, "number": str(alert.number)},
        urgent=alert.urgent,
        unit=alert.path,
        alert=alert.number,
    )
    return Message(f"alert:{alert.origin or alert.number}:{step}", json.encode(body).decode(), now, now)
