"""`reports export`, `outbox export` and `rebuild`: what was said and sent, as other systems read it."""

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.house import House
from bot.messages import Inbound
from bot.store.embedded import Embedded
from bot.store.keys import shard_of
from tests.cli.operator import Operator
from tests.conftest import ROOT
from tests.store.contract_store import record, step, stock

AMINATA, OUMOU = "+22370000001", "+22370000002"
WHO = "id,kind,contact,msisdn,role,org_unit,org_path"
COLUMNS = f"{WHO},flow,flow_version,channel,session,language,answers,raw,corrects,at"
MADE = "id,to,kind,text,state,attempts,segments,cost,provider_id,reason,report,made,sent,urgent,expires,grouped_with"
DAY = 86_400_000
BEGAN = 1_764_547_200_000  # 2025-12-01T00:00Z


async def happens(house: House) -> None:
    """Three days: stock, a check-in, stock again."""
    said: list[tuple[str, dict[str, Any]]] = [
        ("stock", stock("SRO", 12)),
        ("checkin", {"status": "present", "seen": ["none"]}),
        ("alert", {"event": "other", "text": "=HYPERLINK(1), « virgule »"}),
    ]
    for day, (kind, row) in enumerate(said):
        told = record(kind, row, at=BEGAN + day * DAY, msisdn=AMINATA, raw="=2+2" if kind == "stock" else "1")
        await house.sessions.commit(step(kind, told, msisdn=AMINATA))


async def writes(house: House) -> None:
    await happens(house)
    await house.gateway.receive(Inbound("africastalking", "sms", "sms-1", OUMOU, "STOCK SRO 5 CTE 3"))
    await house.gateway.receive(Inbound("simulator", "sms", "sms-2", OUMOU, "PRESENT"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """A store that is only read, and stays open meanwhile."""
    data = tmp_path_factory.mktemp("filled")
    held = await Embedded.start(data)
    await asyncio.to_thread(Operator(ROOT, data).fills, happens)
    yield data
    await held.stop()


@pytest.fixture
def reader(folder: Path, filled: Path) -> Operator:
    return Operator(folder, filled)


def exported(operator: Operator, *words: str) -> list[dict[str, Any]]:
    said = operator.types("reports", "export", *words)
    assert said.code == 0
    return [json.loads(line) for line in said.lines]


def test_an_empty_ledger_is_an_empty_export(operator: Operator) -> None:
    assert exported(operator) == []
    assert operator.types("reports", "export", "--format", "csv").lines == [COLUMNS]
    assert operator.types("outbox", "export").out == ""
    assert operator.types("outbox", "export", "--format", "csv").lines == [MADE]
    assert operator.types("rebuild") == (0, "", "0 differences\n")


def test_reports_as_json_lines_oldest_first(reader: Operator) -> None:
    rows = exported(reader)
    assert [row["kind"] for row in rows] == ["stock", "checkin", "alert"]
    assert ",".join(rows[0]) == COLUMNS
    assert rows[0]["answers"] == {"product": "SRO", "quantity": 12}
    assert (rows[0]["at"], rows[0]["msisdn"]) == ("2025-12-01T00:00:00.000+00:00", AMINATA)


def test_reports_as_csv_in_the_same_columns_and_no_cell_a_formula(reader: Operator) -> None:
    said = reader.types("reports", "export", "--format", "csv")
    assert (said.code, said.lines[0]) == (0, COLUMNS)
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert json.loads(rows[0]["answers"]) == {"product": "SRO", "quantity": 12}
    assert (rows[0]["raw"], rows[0]["msisdn"]) == ("'=2+2", AMINATA)
    assert json.loads(rows[2]["answers"])["text"] == "=HYPERLINK(1), « virgule »"
    assert [cell for row in rows for cell in row.values() if cell.startswith(("=", "@"))] == []


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (["--since", "2025-12-02"], ["checkin", "alert"]),
        (["--since", "2025-12-02T00:00:01Z"], ["alert"]),
        (["--since", "2025-12-02T01:00+01:00"], ["checkin", "alert"]),
        (["--until", "2025-12-02"], ["stock"]),
        (["--since", "2025-12-02", "--until", "2025-12-03"], ["checkin"]),
        (["--until", "1970-01-01"], []),
        (["--kind", "alert"], ["alert"]),
        (["--kind", "quiz"], []),
    ],
)
def test_only_what_was_asked_for(reader: Operator, words: list[str], kinds: list[str]) -> None:
    assert [row["kind"] for row in exported(reader, *words)] == kinds


def test_into_a_file_all_at_once(reader: Operator, folder: Path) -> None:
    (folder / "out.csv").write_text("of last month")
    said = reader.types("reports", "export", "--format", "csv", "--output", "out.csv")
    assert said == (0, "", "")
    printed = reader.types("reports", "export", "--format", "csv").out
    assert (folder / "out.csv").read_text("utf-8") == printed
    assert [path.name for path in folder.glob("out*")] == ["out.csv"]


def test_where_nothing_can_be_written_that_is_said(reader: Operator, folder: Path) -> None:
    said = reader.types("reports", "export", "--output", "nowhere/out.csv")
    assert (said.code in (1, 2), said.out) == (True, "")
    assert "nowhere" in said.err
    (folder / "out.csv.part").mkdir()
    said = reader.types("reports", "export", "--output", "out.csv")
    assert (said.code, len(said.err.splitlines())) == (1, 1)


@pytest.mark.parametrize(
    "words",
    [
        ["--since", "yesterday"],
        ["--until", "2025-13-01"],
        ["--format", "xlsx"],
        ["--output", "flows"],
        ["--since"],
        ["more"],
    ],
)
def test_wrong_usage(operator: Operator, words: list[str]) -> None:
    said = operator.types("reports", "export", *words)
    assert (said.code, said.out) == (2, "")


def test_what_was_answered_is_in_the_outbox_with_its_state(operator: Operator) -> None:
    operator.fills(writes)
    said = operator.types("outbox", "export")
    lines = {line["id"]: line for line in map(json.loads, said.lines)}
    assert ",".join(lines["reply:sms-1"]) == MADE
    reply = lines["reply:sms-1"]
    assert (reply["to"], reply["state"], reply["attempts"]) == (OUMOU, "queued", 0)
    assert "SRO 5" in reply["text"]
    sheet = operator.types("outbox", "export", "--format", "csv")
    assert (
        {row["id"] for row in csv.DictReader(io.StringIO(sheet.out))}
        == set(lines)
        == {
            "reply:sms-1",
            "reply:sms-2",
        }
    )
    assert operator.types("outbox", "export", "--since", "2999-01-01").out == ""


def test_alerts_with_who_holds_them_and_what_became_of_them(operator: Operator) -> None:
    operator.fills(writes)
    assert operator.types("worker", "--once").code == 0
    said = operator.types("alerts", "export")
    lines = {line["subject"]: line for line in map(json.loads, said.lines)}
    line = lines["low:SRO"]
    assert (line["kind"], line["subject"], line["state"], line["msisdn"]) == ("low", "low:SRO", "open", OUMOU)
    assert (line["org_unit"], line["level"], line["holder"]) == ("FALO", 0, "+22370000101")
    assert (line["values"]["quantity"], line["acknowledged"], line["resolved"]) == ("5", "", "")
    sheet = csv.DictReader(io.StringIO(operator.types("alerts", "export", "--format", "csv").out))
    assert [list(row) for row in sheet] == [list(line)] * len(lines)
    assert operator.types("alerts", "export", "--since", "2999-01-01").out == ""


def test_a_store_that_says_what_its_ledger_says(operator: Operator) -> None:
    operator.fills(writes)
    assert operator.types("rebuild") == (0, "", "0 differences\n")


def test_a_store_that_does_not_is_told_key_by_key(operator: Operator) -> None:
    operator.fills(happens)
    shard = shard_of(AMINATA, 64)

    async def loses(house: House) -> None:
        await house.server.tick.call("HSET", shard.known(AMINATA), "stock:SRO", "99@1")
        await house.server.tick.call("DEL", f"{shard.counts}202512")

    operator.fills(loses)
    said = operator.types("rebuild")
    assert (said.code, said.err) == (1, "2 differences\n")
    assert [line.split(": ")[0] for line in said.lines] == [f"{shard.counts}202512", shard.known(AMINATA)]


def test_another_folder_is_another_store(reader: Operator) -> None:
    assert len(exported(reader)) == 3
    assert exported(reader, "--data", "other") == []


def test_a_store_nobody_answers_at_is_said_in_one_line(operator: Operator) -> None:
    said = operator.types("reports", "export", env={"KUNNAFONI_STORE__URL": "redis://127.0.0.1:1"})
    assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
    assert "redis://127.0.0.1:1" in said.err


def test_whoever_has_read_enough_may_leave(reader: Operator, filled: Path) -> None:
    """`kunnafoni reports export | head -1`, and no trace of it."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "bot", "reports", "export", "--data", str(filled)]
    ended = subprocess.run(
        command, cwd=reader.folder, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write_end)
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)


def test_a_store_of_another_size_is_not_touched(reader: Operator) -> None:
    said = reader.types("rebuild", env={"KUNNAFONI_STORE__SHARDS": "8"})
    assert (said.code, "shards" in said.err) == (1, True)
