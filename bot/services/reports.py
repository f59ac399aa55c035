"""What a step asks to keep → what the store writes: who said it, where and when, on the programme's own calendar."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, json, structs

from bot.flow.effects import Change, Effect, Tell
from bot.flow.effects import Record as Said
from bot.flow.release import Release
from bot.services.calls import digest
from bot.services.known import Programme
from bot.store import outbox
from bot.store.days import Day
from bot.store.ledger import Entry
from bot.store.outbox import Body
from bot.store.sessions import Message, Pin, Record


class Saying(Struct, frozen=True):
    """The circumstances of one step."""

    msisdn: str
    pin: Pin
    release: Release
    language: str
    channel: str
    session: str
    request: str
    """What names this step: the same the second time."""
    raw: str
    at: int
    """Unix ms."""


def records(effects: Iterable[Effect], saying: Saying, programme: Programme) -> tuple[Record, ...]:
    return tuple(_record(effect, saying, programme) for effect in effects if isinstance(effect, Said))


def changes(effects: Iterable[Effect]) -> dict[str, str]:
    return {effect.name: effect.value for effect in effects if isinstance(effect, Change)}


def tells(effects: Iterable[Effect], saying: Saying) -> tuple[Message, ...]:
    """Messages to others; their ids are made of what caused them, so a repeat makes none."""
    return tuple(
        message(
            f"tell:{saying.request}:{number}",
            Body(to=effect.to, kind="tell", key=effect.key, values=effect.values),
            saying.at,
        )
        for number, effect in enumerate(effect for effect in effects if isinstance(effect, Tell))
    )


def alerts(effects: Iterable[Effect], saying: Saying, programme: Programme) -> dict[str, Any]:
    """The fields of a step that open and end alerts."""
    judged = programme.judge.judge(effects, saying, programme)
    return {"alerts": judged.raised, "cleared": judged.cleared}


def message(name: str, body: Body, at: int) -> Message:
    return outbox.message(name, body, at)


def _record(said: Said, saying: Saying, programme: Programme) -> Record:
    contact = saying.pin.contact
    unit = contact.get("org_unit", "")
    entry = Entry(
        kind=said.kind,
        contact=contact.get("name", ""),
        msisdn=saying.msisdn,
        role=contact.get("role", "unknown"),
        org_unit=unit,
        org_path=contact.get("path", ""),
        flow=said.flow,
        flow_version=saying.release.versions.get(said.flow, 0),
        channel=saying.channel,
        session=saying.session,
        language=saying.language,
        raw=saying.raw,
        at=saying.at,
        void=said.void,
    )
    return Record(
        kind=said.kind,
        rows=said.rows,
        told=json.encode(said.rows).decode(),
        entry=json.encode(entry).decode(),
        at=saying.at,
        **structs.asdict(Day.of(programme.local(saying.at))),
        unit=unit,
        conversation=digest(f"{saying.pin.name}@{saying.pin.at}", 6),
        msisdn=saying.msisdn,
        once=said.once,
        corrects=said.corrects,
        void=said.void,
    )
