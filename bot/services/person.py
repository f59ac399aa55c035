"""One person's data: all of it told, or all of it taken out; what was counted stays, under a code that names nobody."""

import re
from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from secrets import token_hex
from typing import Any

from msgspec import DecodeError, json

from bot.store.archived import ALERTS, LEDGER, OUTBOX, Fields, reworded_entry
from bot.store.contacts import Contacts
from bot.store.things import reworded_thing
from bot.store.traces import Trace, Traces
from bot.store.words import Words, reworded, silent
from bot.text.msisdn import mask

COUNTED = re.compile(r"[a-z_]{1,20}|(?!\d{7})[0-9/:.-]{1,10}")
"""Answers counted as options are (kunnafoni.lua, `worth`), and dates: taken out, they would be missed there."""
SUBJECT = frozenset({"product", "training"})
GONE = re.compile(r"\{s\d+\}:(?:us|run|seen|mid|early|left|came):.*")
"""Of a call or a message under way: dropped whole."""
ALERT = re.compile(r"\{s\d+\}:alert:\d+")
SIGNED = {"msisdn": "name", "acknowledged_by": "acknowledged_name", "resolved_by": "resolved_name"}
"""Of an alert: whose number, and whose name."""
REPLY = re.compile(r"\{s\d+\}:out:reply:(.+)")
AUDIT = "{kunnafoni}:audit"


class Person:
    """Looks through the whole store, and the archive: minutes for a country, and rarely asked."""

    def __init__(self, traces: Traces, words: Words, contacts: Contacts) -> None:
        self._traces = traces
        self._words = words
        self._contacts = contacts

    async def held(self, msisdn: str) -> AsyncIterator[Trace]:
        """Under the numbers she had before, too."""
        contact = await self._contacts.get(msisdn)
        for number in (msisdn, *(number for number, _ in (contact.before if contact else ()))):
            async for trace in self._traces.of(number):
                yield trace
            async for file, lines in self._words.in_archive(number.encode()):
                yield Trace(file, "archive", [line.decode() for line in lines])

    async def erase(self, msisdn: str) -> str:
        """Takes her numbers, her name and her words out; the code that stands for her, and tells nobody who she was.

        What remains: that she said STOP, if she did, and the audit log. Nothing is moved to the archive meanwhile.
        Raises Missing, before anything is done, when the archive is not here.
        """
        async with self._words.archive_held():
            return await self._taken_out(msisdn)

    async def _taken_out(self, msisdn: str) -> str:
        contact = await self._contacts.get(msisdn)
        earlier = [number for number, _ in contact.before] if contact else []
        stopped = contact is not None and contact.stopped
        code = f"erased-{token_hex(6)}"
        name = contact.name if contact and len(contact.name) > 4 else ""
        if name:
            async for trace in self._traces.of(name):
                await self._unname(trace, name, code)
        asked: set[str] = set()
        for number in (*earlier, msisdn):
            async for trace in self._traces.of(number):
                asked |= set(_asked(trace, number))
                await self._erase(trace, number, code)
        async for key in self._traces.named(asked):
            if GONE.fullmatch(key):  # what she was answered, under the name of her call alone
                await self._traces.drop(key)
        await self._unled(code)
        for number in (*earlier, msisdn):
            await self._words.in_all_files(LEDGER, _entry_coded(number, code))
        needles = [*earlier, msisdn, *([name] if name else [])]
        unsigned = partial(_unsigned, numbers={*earlier, msisdn}, code=code)
        for kind, change in ((OUTBOX, silent), (ALERTS, unsigned)):
            await self._words.in_all_files(kind, _thing_coded(needles, code, change))
        if stopped:
            await self._contacts.change(msisdn, stopped="1")
        return code

    async def _unname(self, trace: Trace, name: str, code: str) -> None:
        """Messages about her and alerts; one of her namesake loses its words too, if it is over."""
        if ":out:" in trace.key:
            await self._words.silence(trace.key)
        if ":out:" in trace.key or ":alert:" in trace.key:
            await self._traces.recode(trace, name, code)

    async def _unsign(self, key: str, msisdn: str, code: str) -> None:
        """Of a message about her the name goes, however short it is."""
        told = json.decode(await self._traces.field(key, "message") or "{}")
        values = told.get("values") or {}
        if values.get("msisdn") == msisdn and values.get("name"):
            values["name"] = code
            await self._traces.note(key, "message", _encoded(told))

    async def _unsign_alert(self, key: str, msisdn: str, code: str) -> None:
        names = ("values", *SIGNED, *SIGNED.values())
        fields = {name: await self._traces.field(key, name) for name in names}
        for name, value in _unsigned(fields, {msisdn}, code).items():
            await self._traces.note(key, name, value)

    async def _erase(self, trace: Trace, msisdn: str, code: str) -> None:
        if trace.key == AUDIT:
            return
        if GONE.fullmatch(trace.key) or trace.key.endswith(f":contact:{msisdn}"):
            await self._traces.drop(trace.key)
        elif trace.kind == "stream":
            await reworded(self._words.functions, trace.key, lambda fields: _coded(fields, msisdn, code))
        else:
            if ":out:" in trace.key:
                await self._words.silence(trace.key)
                await self._unsign(trace.key, msisdn, code)
            if ALERT.fullmatch(trace.key):
                await self._unsign_alert(trace.key, msisdn, code)
            if trace.key.endswith(f":last:{msisdn}"):
                for field, told in trace.held:
                    await self._traces.note(trace.key, field, json.encode(_plain(json.decode(told))).decode())
            await self._traces.recode(trace, msisdn, code)
            if trace.key.endswith(":contacts"):
                await self._contacts.forget(trace.key, code)

    async def _unled(self, code: str) -> None:
        """Nobody is led by somebody who is not there."""
        async for trace in self._traces.of(code):
            if ":contact:" in trace.key:
                await self._traces.note(trace.key, "supervisor", "")
                await self._traces.note(trace.key, "supervisor_name", "")


def _asked(trace: Trace, msisdn: str) -> Iterator[str]:
    """The ids of her calls and of her messages to us, for what is kept under them alone."""
    if reply := REPLY.fullmatch(trace.key):
        yield reply[1]
    for part in trace.held if ":ledger:" in trace.key else ():
        entry = json.decode(part[1].get("entry", "{}"))
        if entry.get("msisdn") == msisdn and entry.get("session"):
            yield entry["session"]


def _entry_coded(msisdn: str, code: str) -> Callable[[bytes], bytes]:
    """The same of a line of the archive."""
    needle = msisdn.encode()
    return lambda line: (
        reworded_entry(line, lambda fields: _coded(fields, msisdn, code)) if needle in line else line
    )


def _unsigned(fields: Mapping[str, str], numbers: Container[str], code: str) -> Fields:
    """An alert without her name, however short it is: as who it is about, and as a leader who answered it."""
    found = {name: code for by, name in SIGNED.items() if fields.get(by) in numbers and fields.get(name)}
    values = json.decode(fields.get("values") or "{}")
    if values.get("msisdn") in numbers and values.get("name"):
        found["values"] = _encoded(values | {"name": code})
    return found


def _thing_coded(
    needles: Sequence[str], code: str, change: Callable[[Mapping[str, str]], Fields]
) -> Callable[[bytes], bytes]:
    """A message or an alert of the archive that she is named in, without her; a message without its words."""
    sought = [needle.encode() for needle in needles]

    def coded(line: bytes) -> bytes:
        if not any(needle in line for needle in sought):
            return line
        line = reworded_thing(line, change)
        for needle in sought:
            line = line.replace(needle, code.encode())
        return line

    return coded


def _coded(fields: Fields, msisdn: str, code: str) -> Fields:
    """An entry of hers without number, words, call and free text; of somebody else's, without the number."""
    if not any(msisdn in value for value in fields.values()):
        return {}
    told = {name: value.replace(msisdn, code) for name, value in fields.items()}
    if "moved" in told:
        return {"moved": _encoded(_carried(json.decode(told["moved"])))}
    if "entry" not in fields:
        return told
    if json.decode(fields["entry"])["msisdn"] == msisdn:
        told["entry"] = _encoded(json.decode(told["entry"]) | {"contact": code, "raw": "", "session": ""})
        told["answers"] = _encoded([_said(answers) for answers in json.decode(told["answers"])])
    return told


def _carried(moved: dict[str, Any]) -> dict[str, Any]:
    """What went from one number to another, without free text."""
    if "gone" not in moved:
        return moved
    gone = moved["gone"]
    last = {subject: _encoded(_plain(json.decode(row))) for subject, row in gone["last"].items()}
    return moved | {"gone": gone | {"last": last}}


def _plain(row: Any) -> Any:
    """A row that stands, and those behind it, without free text."""
    if not isinstance(row, dict):
        return row
    return {name: _said(value) if name == "answers" else _plain(value) for name, value in row.items()}


def _said(answers: dict[str, Any]) -> dict[str, Any]:
    return {name: _option(name, value) for name, value in answers.items()}


def _option(name: str, value: Any) -> Any:
    free = isinstance(value, str) and name not in SUBJECT and not COUNTED.fullmatch(value)
    return "" if free else value


def _encoded(value: Any) -> str:
    return json.encode(value).decode()


def shown(trace: Trace) -> dict[str, Any]:
    """A trace as a person reads it: JSON within a value as JSON."""
    return {"key": trace.key, "kind": trace.kind, "held": [_read(part) for part in trace.held]}


def _read(part: Any) -> Any:
    if isinstance(part, list):
        return [_read(one) for one in part]
    if isinstance(part, dict):
        return {name: _read(value) for name, value in part.items()}
    try:
        return json.decode(part) if part[:1] in ("{", "[") else part
    except DecodeError:
        return part


def named(msisdn: str) -> str:
    """Her number as the audit log keeps it."""
    return mask(msisdn)
