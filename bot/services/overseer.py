"""What somebody at the console does about an alert: acknowledged, resolved, given to another leader, commented."""

from bot.metrics import Metrics
from bot.people import LADDER, Contact
from bot.services.judging import Judge
from bot.services.ladder import message
from bot.store.alerts import Alert, Alerts
from bot.store.outbox import Outbox


class Overseer:
    """`by` is the account's name: it is nobody's number."""

    def __init__(self, alerts: Alerts, outbox: Outbox, judge: Judge, metrics: Metrics) -> None:
        self.alerts = alerts
        self._outbox = outbox
        self._judge = judge
        self._metrics = metrics

    async def acknowledge(self, alert: Alert, by: str, at: int) -> bool:
        request = f"console:{by}:{alert.number}:{alert.round}"
        done = await self.alerts.acknowledge(alert.number, request, by, by, at)
        return self._counted("acknowledged", done == "done")

    async def resolve(self, alert: Alert, by: str, at: int) -> bool:
        return self._counted("resolved", await self.alerts.resolve(alert.number, by, by, at) == "done")

    async def comment(self, alert: Alert, by: str, text: str, at: int) -> bool:
        return await self.alerts.comment(alert.number, at, by, text)

    async def reassign(self, alert: Alert, leader: Contact, by: str, at: int) -> bool:
        """She is written to now; unless she answers, the level above hers hears after its delay."""
        level = LADDER.index(leader.role)
        delays = self._judge.delays(alert.kind)
        again = at + delays[level] if level < len(delays) else None
        done = await self.alerts.reassign(alert, level, leader.msisdn, at, again, by)
        if done:
            await self._outbox.queue([message(alert, f"given:{at}", leader.msisdn, at)])
        return self._counted("reassigned", done)

    def _counted(self, what: str, done: bool) -> bool:
        if done:
            self._metrics.alerts.labels(what).inc()
        return done
