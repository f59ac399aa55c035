"""Each parser with the errors it may answer with; whatever else it raises is a find."""

import gzip
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl

from msgspec import ValidationError, convert, msgpack

from bot.admin.api.feed import mark_of, ms
from bot.admin.api.refusing import Refusal
from bot.admin.api.shapes import AlertsAsked, ContactsAsked, MessagesAsked, ReportsAsked
from bot.channels.africastalking import forms, messaging
from bot.config import ConfigError, Settings, load
from bot.flow import reading
from bot.flow.definition import FlowError
from bot.flow.questions import load as questions
from bot.messages import SendError
from bot.services import backups, sheets, units
from bot.services.backups import BackupError
from bot.store.copies import Copy, Part
from bot.text import catalog, grammar, gsm
from bot.text.fold import to_gsm
from bot.text.msisdn import NotANumber
from bot.text.msisdn import parse as number
from bot.text.po import CatalogError
from fuzz.wire import DIAL, wire

ROOT = Path(__file__).parent.parent
FILE = Path(tempfile.gettempdir()) / f"kunnafoni-fuzz-{os.getpid()}"
"""Of this process alone: several hunt beside one another."""
KINDS = questions()
FORMS = (forms.dialled, forms.hung_up, forms.texted, forms.delivered, forms.opted_out)
COMMANDS = {"stock": "STOCK", "present": "PRESENT", "corriger": "CORRECT", "stop": "STOP", "i ni ce": "HELLO"}
COLUMNS = ("msisdn", "name", "org_unit", "role")


@lru_cache
def settings() -> Settings:
    return load(ROOT / "config.toml", {})


def text_of(data: bytes) -> str:
    return data.decode(errors="replace")


def form(data: bytes) -> None:
    with suppress(forms.FormError):
        told = forms.parse(data)
        for read in FORMS:
            with suppress(forms.FormError):
                read(told)


def sms(data: bytes) -> None:
    command = grammar.read_command(text_of(data), COMMANDS)
    grammar.written(grammar.read_items(text_of(data), dict.fromkeys(settings().products, 99)))
    grammar.heard(str(command))


def flow(data: bytes) -> None:
    with suppress(FlowError):
        reading.parse("flows/x.yaml", text_of(data), KINDS)


def words(data: bytes) -> None:
    with suppress(CatalogError):
        french = catalog.parse("fr", data)
        catalog.update(french, "fr", data, french.messages)


def sheet(data: bytes) -> None:
    read = sheets.read(data, "x.csv", COLUMNS, "msisdn")
    rows = [[row.cells.get(name, "") for name in COLUMNS] for row in read.rows]
    again = sheets.read(sheets.write(COLUMNS, rows), "x.csv", COLUMNS, "msisdn")
    assert [list(row.cells.values()) for row in again.rows] == [row for row in rows if any(row)]


def places(data: bytes) -> None:
    units.read_units(data, {}, "org_units.csv")


def config(data: bytes) -> None:
    FILE.write_bytes(data)
    with suppress(ConfigError):
        load(FILE, {})


def backup(data: bytes) -> None:
    """As it is, or packed first: no change of bytes would ever make a packed file."""
    FILE.write_bytes(data[1:] if data[:1] == b"r" else gzip.compress(data, 1))
    with suppress(BackupError):
        backups.check(FILE, "x")


def answer(data: bytes) -> None:
    with suppress(SendError):
        messaging._receipts(data, ["+22376123456"])


def screen(data: bytes) -> None:
    shown = to_gsm(text_of(data))
    assert gsm.is_gsm(shown)
    assert "".join(gsm.segment(shown).parts) == shown
    with suppress(NotANumber):
        number(text_of(data))


def asked(data: bytes) -> None:
    """What another system asks of `/api/v1`: a question of each list, and where to go on."""
    told = dict(parse_qsl(text_of(data)))
    for kind in (ContactsAsked, ReportsAsked, AlertsAsked, MessagesAsked):
        with suppress(ValidationError):
            ms(getattr(convert(told, type=kind, strict=False), "since", None))
    with suppress(Refusal):
        mark_of(told.get("cursor", ""))


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    one.__name__: one
    for one in (form, sms, flow, words, sheet, places, config, backup, answer, screen, asked, wire)
}
SHARES: Mapping[str, int] = {
    "answer": 328,
    "asked": 260,
    "form": 210,
    "screen": 70,
    "places": 50,
    "sheet": 24,
    "words": 24,
    "flow": 10,
    "sms": 10,
    "backup": 6,
    "config": 6,
    "wire": 2,
}
"""Of a thousand inputs, how many each parser gets: in about the time that each takes, all of them are done together."""
LONGEST = 2048
"""Bytes of one input: what is longer is the same again, and slow."""
SEEDS: Mapping[str, tuple[Path, ...]] = {
    "flow": tuple(sorted((ROOT / "flows").glob("*.yaml"))),
    "words": tuple(sorted((ROOT / "locales").glob("*.po"))),
    "sheet": (ROOT / "bot/demo/roster.csv",),
    "places": (ROOT / "bot/demo/org_units.csv",),
    "config": (ROOT / "config.toml",),
}


def frames(*told: backups.Frame) -> bytes:
    parts = [msgpack.encode(one) for one in told]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


SAID: Mapping[str, bytes] = {
    "form": (
        b"sessionId=s&serviceCode=*1%23&phoneNumber=%2B22376123456&text=1*2&from=%2B22376123456"
        b"&to=1&id=2&date=3&status=Success&senderId=4"
    ),
    "sms": b"STOCK CTE 12 SRO 5, par: trois",
    "answer": (
        b'{"SMSMessageData":{"Message":"m","Recipients":[{"statusCode":101,"number":"+22376123456",'
        b'"messageId":"A","cost":"XOF 12"}]}}'
    ),
    "backup": frames(
        backups.Header(schema=1, shards=64, made=1_790_000_000_000),
        Part("1", [Copy(b"{s1}:x", "hash", -1, [b"a", b"b"])]),
        backups.End(1, 1),
    ),
    "asked": b"limit=1&cursor=1_2_3&since=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z&role=asc&active=true&unit=ML",
    "wire": DIAL,
    "screen": "Fɛnw bɛ yen ? é€ 76 12 34 56".encode(),
}


def pieces(told: bytes) -> list[bytes]:
    """A long file in parts that each end at an empty line, short enough to be changed thousands of times a second."""
    parts = [b""]
    for block in told.split(b"\n\n"):
        if parts[-1] and len(parts[-1]) + len(block) > LONGEST:
            parts.append(b"")
        parts[-1] += block + b"\n\n"
    return parts


def seeds(name: str) -> list[bytes]:
    return [path.read_bytes() for path in SEEDS.get(name, ())] + [SAID.get(name, b"")]
