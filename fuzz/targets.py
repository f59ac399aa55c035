"""Each parser with the errors it may answer with; whatever else it raises is a find."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from bot.channels.africastalking import forms, messaging
from bot.config import ConfigError, Settings, load
from bot.flow import reading
from bot.flow.definition import FlowError
from bot.flow.questions import load as questions
from bot.messages import SendError
from bot.services import backups, sheets, units
from bot.services.backups import BackupError
from bot.text import catalog, grammar, gsm
from bot.text.fold import to_gsm
from bot.text.msisdn import NotANumber
from bot.text.msisdn import parse as number
from bot.text.po import CatalogError

ROOT = Path(__file__).parent.parent
FILE = Path(tempfile.gettempdir()) / "kunnafoni-fuzz"
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
    FILE.write_bytes(data)
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


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (form, sms, flow, words, sheet, places, config, backup, answer, screen)
}
SEEDS: Mapping[str, tuple[Path, ...]] = {
    "flow": tuple(sorted((ROOT / "flows").glob("*.yaml"))),
    "words": tuple(sorted((ROOT / "locales").glob("*.po"))),
    "sheet": (ROOT / "bot/demo/roster.csv",),
    "places": (ROOT / "bot/demo/org_units.csv",),
    "config": (ROOT / "config.toml",),
}
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
    "backup": b"kunnafoni-locked 00000100\n",
    "screen": "Fɛnw bɛ yen ? é€ 76 12 34 56".encode(),
}


def seeds(name: str) -> list[bytes]:
    return [path.read_bytes() for path in SEEDS.get(name, ())] + [SAID.get(name, b"")]
