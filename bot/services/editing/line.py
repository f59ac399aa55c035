"""The pure core as a line to talk to: no store, no network, no clock; and who is calling in a conversation."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import json, structs

from bot.config import Settings
from bot.flow import engine
from bot.flow.effects import AskBySms, Change, Effect, Handle, Record, Tell
from bot.flow.release import Release
from bot.people import LEADERS, Contact, Unit
from bot.services import at_hand, conversation, polls, reports, sending
from bot.services.alerts import Handled
from bot.services.at_hand import AtHand
from bot.services.editing.leading import Numbers, alert, hand, raised
from bot.services.editing.talk import Heard, Talk
from bot.services.known import Programme
from bot.services.leading import NOTHING, Led, numbers_of
from bot.services.sms import Desk
from bot.services.team import leads
from bot.store.alerts import Alert, Raised
from bot.store.outbox import Body
from bot.store.sessions import Draft, Looked, Pin
from bot.store.standing import Standing
from bot.text.fold import to_gsm
from bot.text.grammar import Command

NOW = int(dt.datetime(2026, 11, 21, 9, 12, tzinfo=ZoneInfo("Africa/Bamako")).timestamp() * 1000)
MSISDN = "+22370000001"
SUPERVISOR = "+22370000101"
UNIT = Unit("TOUNA", "CSCom de Touna")


def trainings(said: str) -> str:
    """`training: yes` is one on malaria in nine days; `training: newborn 2026-10-22` is another topic and day."""
    if not said:
        return ""
    topic, _, day = said.replace("yes", "malaria").partition(" ")
    day = day or "2026-11-30"
    return f'[{{"id":"F-{day}-BLA","topic":"{topic}","place":"CSRef de Bla","date":"{day}T08:00"}}]'


def contact(talk: Talk) -> Contact:
    said = talk.headers
    return Contact(
        msisdn=MSISDN,
        name="Awa Traoré",
        role=said.get("as", "asc"),  # type: ignore[arg-type]  # the file says one of the roles
        org_unit=UNIT.code,
        language=said.get("lang", "fr"),
        supervisor=SUPERVISOR,
        products=tuple(said.get("holds", "SRO CTE").split()),
        path=UNIT.code,
        letters="letters" in said,
        training=trainings(said.get("training", "")),
    )


def known(talk: Talk) -> dict[str, str]:
    """`known: stock:SRO=5 checkin` as the store holds it, said today at half past seven."""
    at = NOW - 102 * 60 * 1000
    pairs = (pair.partition("=") for pair in talk.headers.get("known", "").split())
    return {subject: f"{value}@{at}" for subject, _, value in pairs}


def asked(talk: Talk, at: int = NOW - 60_000) -> dict[str, str]:
    """`asked: Oui/Non | Awɔ/Ayi`: the question of a broadcast, sent to her a minute ago."""
    said = [
        tuple(part.strip() for part in one.split("/")) for one in talk.headers.get("asked", "").split("|")
    ]
    if said == [("",)]:
        return {}
    body = Body(to=MSISDN, kind="broadcast", asks="b1", choices=dict(zip(("fr", "bm"), said, strict=False)))
    return polls.asking(body, at)


def supervisor() -> Contact:
    return Contact(SUPERVISOR, "Dr Konaté", "dtc", UNIT.code, "fr", path=UNIT.code)


def told(release: Release, key: str, values: dict[str, str], to: str) -> str:
    return f"told: {to} {sending.say(release, 'fr', key, values)}"


def said(release: Release, alert: Alert) -> str:
    """What the ladder tells of an alert, and to whom first."""
    values = {**alert.values, "number": str(alert.number)}
    return told(release, f"alert.{alert.kind}.told", values, alert.supervisor or "nobody")


def answers(row: dict[str, Any]) -> str:
    return " ".join(
        f"{name}={'+'.join(value) if isinstance(value, list) else value}" for name, value in row.items()
    )


class PureLine:
    """The core alone: no store, no network, no clock."""

    def __init__(self, settings: Settings, release: Release, talk: Talk) -> None:
        self.programme = Programme(settings)
        self.release = release
        self.msisdn = MSISDN if talk.headers.get("as") != "unknown" else "+22376999999"
        self.contact = self._fields(contact(talk)) if talk.headers.get("as") != "unknown" else {}
        self.contact |= asked(talk)
        self.known = known(talk)
        self.medium = self.programme.screens("61002", letters="letters" in talk.headers)
        self.draft: Draft | None = None
        self.rows: list[tuple[str, dict[str, Any]]] = []
        self.numbers = Numbers()
        self.alerts: dict[tuple[str, str], Alert] = {}
        """Those that are not resolved, by contact and subject."""
        self.over: dict[tuple[str, str], Alert] = {}
        """Those that her own reports ended."""
        self.team = talk.headers.get("team", "")
        for found in raised(self.team, self.programme.judge, self.msisdn, NOW):
            self.alerts[found.msisdn, found.subject] = alert(found, self.numbers.next(found.msisdn))

    @staticmethod
    def _fields(who: Contact) -> dict[str, str]:
        plain = {name: getattr(who, name) for name in who.__struct_fields__}
        text = {
            name: " ".join(v) if isinstance(v, tuple) else str(int(v)) if isinstance(v, bool) else str(v)
            for name, v in plain.items()
        }
        return text | {"unit_name": UNIT.name, "supervisor_name": supervisor().name}

    def _find(self, _: int) -> Release:
        return self.release

    def _pin(self) -> Pin:
        draft = json.encode(self.draft).decode() if self.draft else ""
        return Pin(NOW, 1, dict(self.contact), dict(self.known), draft)

    def _hand(self) -> AtHand:
        held = [one for one in self.alerts.values() if one.supervisor == self.msisdn]
        newest = sorted(held, key=lambda one: (one.opened, one.number), reverse=True)
        return hand(self.team, newest)

    async def dial(self) -> Heard:
        self.pin = self.began = self._pin()
        if leads(self.pin):
            self.pin = self.began = at_hand.pinned(self.pin, self._hand())
        self.run = conversation.begin(self.programme, self._find, self.msisdn, self.pin, self.medium)
        return self._heard()

    async def type(self, text: str) -> Heard:
        run = engine.step(self.run, text)
        chosen = conversation.decided(run)
        if chosen == "go_on" and (draft := self.began.unfinished()):
            self.pin = draft.pin
            run = conversation.take_up(self.programme, self._find, self.msisdn, draft, self.medium)
        elif chosen == "restart":
            self.draft = None
            run = engine.begin(run.release, run.caller, run.medium)
        self.run = run
        if kept := conversation.to_keep(run, self.pin, "s", NOW, "ussd"):
            self.draft = json.decode(kept.body, type=Draft)
        elif engine.over(run):
            self.draft = None
        return self._heard()

    async def sms(self, text: str) -> Heard:
        looked = Looked(None, self._pin(), self.draft, "0")
        desk = Desk(self.programme, self._find, self.msisdn, looked)
        led = self._led(desk.command(text)) if desk.caller.role in LEADERS else NOTHING
        outcome = desk.answer(text, self._standing(), led)
        if not outcome.aside:
            kept = (
                conversation.to_keep(outcome.run, outcome.pin or looked.pin, "s", NOW, "sms")
                if outcome.run
                else None
            )
            self.draft = json.decode(kept.body, type=Draft) if kept else None
        kept_as = outcome.answer.kept() if outcome.answer else None
        counted = [f"answer: {kept_as.said.partition('@')[0]}"] if kept_as else []
        effects = (*outcome.effects, *desk.left_behind(outcome))
        news = [f"taken: {number}" for number, one in led.handled.items() if one.outcome == "done"]
        return Heard(outcome.reply, kept=[*self._kept(effects, outcome.pin or looked.pin), *news, *counted])

    def _led(self, command: Command) -> Led:
        """What the store would find out for a leader."""
        if command.name == "status":
            return Led(hand=self._hand())
        if command.name != "ok":
            return NOTHING
        found = {one.number: one for one in self.alerts.values()}
        return Led({number: self._take(found[number]) for number in numbers_of(command) if number in found})

    def _take(self, own: Alert) -> Handled:
        if own.state != "open":
            return Handled(own.state, own)
        self._change(own, state="acknowledged", acknowledged_name=self.contact["name"])
        return Handled("done", own)

    def _change(self, own: Alert, **fields: str) -> None:
        self.alerts[own.msisdn, own.subject] = structs.replace(own, **fields)

    def _heard(self) -> Heard:
        return Heard(engine.page(self.run), engine.over(self.run), self._kept(self.run.effects, self.pin))

    def _kept(self, effects: Sequence[Effect], pin: Pin) -> list[str]:
        found = []
        judged = self._judged(effects, pin)
        order = (Record, Change, Tell, AskBySms, Handle)
        for effect in sorted(effects, key=lambda effect: order.index(type(effect))):
            if isinstance(effect, Record):
                found += [f"kept: {effect.kind} {answers(row)}" for row in effect.rows]
                self._remember(effect)
            elif isinstance(effect, Change):
                found.append(f" set: {effect.name}={effect.value}")
                self.contact[effect.name] = effect.value
            elif isinstance(effect, Tell):
                found.append(told(self.release, effect.key, effect.values, effect.to))
            elif isinstance(effect, AskBySms):
                found.append("told: herself")
            else:
                found += self._handled(effect)
        return found + judged

    def _judged(self, effects: Sequence[Effect], pin: Pin) -> list[str]:
        """The alerts that these open and end."""
        saying = reports.Saying(self.msisdn, pin, self.release, "fr", "ussd", "s", "r", "", NOW)
        judged = self.programme.judge.judge(effects, saying, self.programme)
        ended = [own for subject in judged.cleared if (own := self.alerts.pop((self.msisdn, subject), None))]
        self.over |= {(own.msisdn, own.subject): own for own in ended}
        opened = [self._opened(one) for one in judged.raised if self._is_news(one)]
        return [said(self.release, one) for one in sorted(opened, key=lambda one: one.number)] + [
            f"ended: {one.number}" for one in sorted(ended, key=lambda one: one.number)
        ]

    def _is_news(self, raised: Raised) -> bool:
        """What goes on as it was is none; nor is what stands again because its end was taken back."""
        about = raised.msisdn, raised.subject
        if about not in self.alerts and (raised.calm or raised.undoes) and about in self.over:
            self.alerts[about] = self.over.pop(about)
        return not raised.undoes and (raised.again or about not in self.alerts)

    def _opened(self, raised: Raised) -> Alert:
        there = self.alerts.get((raised.msisdn, raised.subject))
        number = there.number if there else self.numbers.next(raised.msisdn)
        own = self.alerts[raised.msisdn, raised.subject] = alert(raised, number)
        return own

    def _handled(self, effect: Handle) -> list[str]:
        own = next((one for one in self.alerts.values() if str(one.number) == effect.number), None)
        if own is None:
            return []
        if effect.verb == "acknowledge":
            self._change(own, state="acknowledged", acknowledged_name=self.contact["name"])
            return [f"taken: {own.number}"] if own.state == "open" else []
        del self.alerts[own.msisdn, own.subject]
        names = {"supervisor_name": self.contact["name"]}
        welcome = to_gsm(self.release.words.say(self.contact["language"], "sms.confirmed", names))
        joined = [f"told: {own.msisdn} {welcome}"] if effect.verb == "confirm" else []
        return [*joined, f"ended: {own.number}"]

    def _remember(self, record: Record) -> None:
        """What the store's function does for the next question."""
        for row in record.rows:
            about = row.get("product") or row.get("training")
            subject = f"{record.kind}:{about}" if about and about != "none" else record.kind
            self.rows = [(name, kept) for name, kept in self.rows if name != subject]
            if record.void:
                self.known.pop(subject, None)
                self.known.pop(record.kind, None)
            else:
                self.rows.append((subject, row))
                self.known[record.kind] = f"@{NOW}"
                self.known[subject] = f"{row.get('quantity', row.get('status', row.get('coming', '')))}@{NOW}"

    def _standing(self) -> list[Standing]:
        return [
            Standing(
                id=f"{NOW}-{n if 'product' not in row else 0}-00-{n}",
                answers=row,
                at=NOW,
                kind=subject.partition(":")[0],
                subject=subject,
            )
            for n, (subject, row) in enumerate(self.rows)
        ]
