"""What SMS cost: counted by month, unit and kind, held against the budget, and told before it is spent."""

from msgspec import Struct

from bot.services.known import Programme
from bot.services.sending import cents
from bot.store.contacts import Contacts
from bot.store.outbox import Body, Outbox, message
from bot.store.sessions import Message
from bot.store.spent import Expenses, Spent

SPENT = 100
"""Per cent of the budget."""


class Level(Struct, frozen=True):
    """A share of the budget that is told, and the words for it."""

    percent: int
    key: str


class Spending:
    """The month's budget."""

    def __init__(self, expenses: Expenses, contacts: Contacts, outbox: Outbox, programme: Programme) -> None:
        self._expenses = expenses
        self._contacts = contacts
        self._outbox = outbox
        self._programme = programme
        self._sms = programme.settings.sms
        self._levels = (Level(self._sms.budget_warning, "budget.warning"), Level(SPENT, "budget.spent"))
        self._told: set[tuple[str, int]] = set()

    def cents(self, cost: str, segments: int) -> int:
        return cents(cost, segments, self._sms.cost_per_segment)

    def used_up(self, spent: int) -> bool:
        """Whether the least important must wait: this month has cost so much (1/100 FCFA)."""
        return 0 < self._sms.budget * 100 <= spent

    async def month(self, month: str) -> list[Spent]:
        """Segments and cost of a month (`202611`), by unit and kind."""
        return await self._expenses.month(month)

    async def warn(self, now: int) -> None:
        """Tells the centre, once a month, that the budget is nearly spent, and that it is."""
        if not self._sms.budget:
            return
        month = f"{self._programme.local(now):%Y%m}"
        percent = await self._expenses.total(month) / self._sms.budget
        reached = [level for level in self._levels if level.percent <= percent]
        if reached and (month, reached[-1].percent) not in self._told:
            await self._outbox.queue(await self._warnings(reached[-1], month, int(percent), now))
            self._told.add((month, reached[-1].percent))

    async def _warnings(self, level: Level, month: str, percent: int, now: int) -> list[Message]:
        values = {
            "percent": str(percent),
            "month": f"{month[4:]}/{month[:4]}",
            "budget": f"{self._sms.budget:.0f}",
        }
        return [
            message(
                f"budget:{month}:{level.percent}:{one.msisdn}",
                Body(one.msisdn, "tell", key=level.key, values=values, unit=one.path),
                now,
            )
            async for one in self._contacts.contacts()
            if one.role == "central" and one.active
        ]
