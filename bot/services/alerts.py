"""What is done about an alert: opened by the house, acknowledged, resolved; a newcomer confirmed or refused."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct, json

from bot import rules
from bot.flow.effects import Effect, Handle
from bot.metrics import Metrics
from bot.people import Contact
from bot.rules.newcomer import SUBJECT as NEWCOMER
from bot.services.judging import Judge
from bot.services.leaders import answers_for
from bot.store.alerts import Alert, Alerts
from bot.store.contacts import Contacts
from bot.store.outbox import Body, Outbox
from bot.store.releases import Releases
from bot.store.sessions import Message
from bot.text.fold import to_gsm


class Handled(Struct, frozen=True):
    """What became of it: `done`, or why not: `none`, `not_hers`, `acknowledged`, `resolved` already."""

    outcome: str
    alert: Alert | None = None


NONE = Handled("none")


class Answers:
    """What leaders do about alerts. All of it may come twice."""

    def __init__(
        self,
        alerts: Alerts,
        contacts: Contacts,
        outbox: Outbox,
        releases: Releases,
        judge: Judge,
        metrics: Metrics,
    ) -> None:
        self._alerts = alerts
        self._contacts = contacts
        self._outbox = outbox
        self._releases = releases
        self._judge = judge
        self._metrics = metrics

    async def open(self, msisdn: str, kind: str, about: str, at: int, values: dict[str, str]) -> int:
        """Opens an alert about a contact that no report is the cause of, `silent`; its number, also when it is open."""
        contact = await self._contacts.fields(msisdn)
        finding = rules.Raise(f"{kind}:{about}", values)
        return await self._alerts.open(self._judge.raised(kind, finding, msisdn, contact, at))

    async def carry_out(self, effects: Iterable[Effect], msisdn: str, request: str, at: int) -> None:
        """Does what a leader chose in a call; what is not hers, or over, stays as it is."""
        for effect in effects:
            if isinstance(effect, Handle) and effect.number.isdecimal():
                await self._handle(effect.verb, int(effect.number), request, msisdn, at)

    async def _handle(self, verb: str, number: int, request: str, msisdn: str, at: int) -> Handled:
        if verb == "acknowledge":
            return await self.acknowledge(number, request, msisdn, at)
        if verb == "resolve":
            return await self.resolve(number, msisdn, at)
        return await self._admit(number, msisdn, at, confirmed=verb == "confirm")

    async def acknowledge(self, number: int, request: str, msisdn: str, at: int) -> Handled:
        """`OK 4712`: she sees to it, and nobody further up needs to hear."""
        alert, leader = await self._hers(number, msisdn)
        if alert is None or leader is None:
            return NONE if alert is None else Handled("not_hers", alert)
        done = await self._alerts.acknowledge(alert.number, request, msisdn, leader.name, at)
        return self._counted("acknowledged", done, alert)

    async def resolve(self, number: int, msisdn: str, at: int) -> Handled:
        alert, leader = await self._hers(number, msisdn)
        if alert is None or leader is None:
            return NONE if alert is None else Handled("not_hers", alert)
        done = await self._alerts.resolve(alert.number, msisdn, leader.name, at)
        return self._counted("resolved", done, alert)

    async def _admit(self, number: int, msisdn: str, at: int, *, confirmed: bool) -> Handled:
        """Takes a newcomer into the team of whoever answers for her request, or does not."""
        alert, leader = await self._hers(number, msisdn)
        if alert is None or leader is None or alert.kind != NEWCOMER:
            return NONE if alert is None else Handled("not_hers", alert)
        if confirmed and alert.state != "resolved":
            await self._welcome(alert, leader, at)
        elif alert.state != "resolved":
            await self._contacts.change(alert.msisdn, refused=str(at))
        return await self.resolve(number, msisdn, at)

    async def _welcome(self, alert: Alert, leader: Contact, at: int) -> None:
        """On the roster first, then told: a repeat finds her there and writes to her once."""
        held = await self._contacts.fields(alert.msisdn)
        if not held.get("role"):
            language = held.get("language", "") or leader.language
            await self._contacts.put([_recruit(alert, leader, language, await self._kit(leader))])
        release = self._releases.find(self._releases.current)
        language = held.get("language") or leader.language
        text = release.words.say(language, "sms.confirmed", {"supervisor_name": leader.name})
        body = Body(to=alert.msisdn, kind="reply", text=to_gsm(text))
        name = f"confirmed:{alert.number}"
        await self._outbox.queue([Message(name, json.encode(body).decode(), at, at)])

    async def _kit(self, leader: Contact) -> tuple[str, ...]:
        """What most of the team hold, until a roster says what she was given."""
        team = await self._contacts.team(leader.msisdn)
        kits = Counter(one.products for one in team if one.role == "asc" and one.active)
        return max(kits, key=lambda kit: (kits[kit], kit), default=())

    async def _hers(self, number: int, msisdn: str) -> tuple[Alert | None, Contact | None]:
        """The alert of that number, and the leader when it is hers to answer."""
        alert, leader = await self._alerts.get(number), await self._contacts.get(msisdn)
        hers = alert is not None and leader is not None and answers_for(leader, alert)
        return alert, leader if hers else None

    def _counted(self, what: str, done: str, alert: Alert) -> Handled:
        if done == "done":
            self._metrics.alerts.labels(what).inc()
        return Handled(done, alert)


def _recruit(alert: Alert, leader: Contact, language: str, kit: tuple[str, ...]) -> Contact:
    """An ASC of the leader's own unit and team."""
    return Contact(
        msisdn=alert.msisdn,
        name=alert.name,
        role="asc",
        org_unit=leader.org_unit,
        language=language,
        supervisor=leader.msisdn,
        products=kit,
        path=leader.path,
        consent="yes",
    )
