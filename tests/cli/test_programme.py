"""`kunnafoni due` and `kunnafoni trainings`, as an operator uses them over a week."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.house import House
from tests.cli.operator import Operator

AMINATA, KONATE = "+22370000001", "+22370000101"


async def nothing(_: House) -> None:
    """The demo programme as it is."""


async def has_her_own_language(house: House) -> None:
    await house.contacts.change(AMINATA, language="fr")


def monday() -> datetime:
    """A Monday to come that is no holiday, at four."""
    day = datetime.now(UTC).replace(hour=16, minute=0, second=0, microsecond=0)
    day += timedelta((7 - day.weekday()) % 7 or 7)
    while f"{day:%m-%d}" in ("01-01", "01-20", "03-26", "05-01", "05-25", "09-22", "12-25"):
        day += timedelta(7)
    return day


def test_a_rehearsal_says_who_and_what_and_sends_nothing(operator: Operator) -> None:
    operator.fills(has_her_own_language)
    now = monday().isoformat()
    said = operator.types("due", "--now", now, "--format", "jsonl")
    lines = [json.loads(line) for line in said.lines]
    (hers,) = [line for line in lines if line["why"] == f"reminder:checkin:{monday():%Y-%m-%d}:{AMINATA}"]
    assert hers["text"].startswith("Rappel : pas encore de nouvelles de vous aujourd'hui. Composez *123#")
    assert (hers["to"], hers["language"]) == (AMINATA, "fr")
    assert operator.types("outbox", "export").lines == []
    plain = operator.types("due", "--now", now)
    assert (plain.code, len(plain.lines)) == (0, len(lines))
    assert any(f"| {hers['why']} | Rappel" in line for line in plain.lines)
    assert operator.types("due", "--now", now, "--format", "csv").lines[0] == "at,to,name,language,why,text"


def test_what_was_rehearsed_is_what_is_sent(operator: Operator) -> None:
    operator.fills(nothing)
    now = monday().isoformat()
    rehearsed = [json.loads(line) for line in operator.types("due", "--now", now, "--format", "jsonl").lines]
    for _ in range(2):
        assert (
            operator.types("worker", "--once", "--now", now, env={"KUNNAFONI_SMS__DAILY_CAP": "0"}).code == 0
        )
        sent = [json.loads(line) for line in operator.types("outbox", "export").lines]
        told = {(line["why"], line["text"]) for line in rehearsed if line["text"]}
        assert {(line["id"], line["text"]) for line in sent} == told
    assert [line for line in operator.types("due", "--now", now).lines if "reminder:" in line] == []


def test_now_is_now(operator: Operator) -> None:
    assert (operator.types("due").code, operator.types("due").out) == (0, "")


def test_sessions_and_who_is_invited(operator: Operator, folder: Path) -> None:
    operator.fills(nothing)
    sheet = folder / "trainings.csv"
    sheet.write_text(
        "id,topic,place,begins\nF-1,newborn,CSRef de San,2099-01-07T08:00\nF-2,x,,demain\n", "utf-8"
    )
    said = operator.types("trainings", "import", str(sheet))
    assert (said.code, said.lines) == (
        1,
        [f"{sheet}:3: begins: demain is no day and hour, such as 2026-11-30T08:00"],
    )
    assert said.err == "1 added, 0 changed, 0 unchanged\n"
    assert (
        "F-1,newborn,CSRef de San,2099-01-07T08:00,,,planned" in operator.types("trainings", "export").lines
    )

    assert operator.types("trainings", "invite", "F-1", "--role", "dtc", "--unit", "SEG").err.endswith(
        " already\n"
    )
    listed = operator.types("trainings", "list", "F-1").lines
    assert listed[0] == "msisdn,name,unit,role,answer,attended,score"
    assert any(line.startswith(KONATE) for line in listed)
    guests = folder / "guests.csv"
    guests.write_text(f"msisdn\n{AMINATA}\n12\n", "utf-8")
    said = operator.types("trainings", "invite", "F-1", "--list", str(guests))
    assert (said.code, said.err) == (1, "1 invited, 0 were already\n")
    assert said.lines == [f"{guests}:3: msisdn: 2 digits: a number here has 8, one from abroad begins with +"]

    guests.write_text(f"msisdn,attended\n{AMINATA},oui\n", "utf-8")
    assert (
        operator.types("trainings", "attendance", "F-1", str(guests)).err
        == "0 added, 1 changed, 0 unchanged\n"
    )
    (hers,) = [line for line in operator.types("trainings", "list", "F-1").lines if line.startswith(AMINATA)]
    assert hers.split(",")[5] == "yes"


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["invite", "F-1"], 2, "say who: --unit, --role or --list"),
        (["invite", "F-1", "--role", "asc"], 1, "there is no training F-1"),
        (["invite", "F-0", "--role", "asc"], 1, "F-0 is cancelled, or has begun"),
        (["list", "F-1"], 1, "there is no training F-1"),
        (["invite", "F-1", "--role", "nurse"], 2, "'nurse' is not one of"),
    ],
)
def test_what_cannot_be(
    operator: Operator, folder: Path, words: list[str], code: int, complaint: str
) -> None:
    sheet = folder / "trainings.csv"
    sheet.write_text("id,topic,place,begins\nF-0,malaria,Bla,2020-01-07T08:00\n", "utf-8")
    assert operator.types("trainings", "import", str(sheet)).code == 0
    said = operator.types("trainings", *words)
    assert (said.code, complaint in said.err) == (code, True)
