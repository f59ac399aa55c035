"""`archive`, as the operator types it; killed in the middle of it, and beside others."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from zipfile import ZipFile

import pytest_asyncio

from bot.house import House
from bot.messages import Inbound
from bot.store.embedded import Embedded
from bot.store.outbox import Body, message
from tests.cli.operator import Operator, Said
from tests.store.contract_store import DAY, record, step, stock

PEOPLE = tuple(f"+2237000000{number}" for number in range(1, 5))
BEGAN = 1_764_547_200_000
"""1 December 2025."""
DIES = """
import os, signal, sys
from bot.cli import main
from bot.store.archiving import Ledgers
from bot.store.archives import Writer
from bot.store.things import Things

def dies(of, name, times):
    really = getattr(of, name)
    def dying(self, *args):
        nonlocal times
        times -= 1
        if times < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return really(self, *args)
    setattr(of, name, dying)

dies(*{"written": (Writer, "done", 0), "named": (Ledgers, "_take_out", 0), "half taken out": (Ledgers, "_take_out", 2),
       "in another month": (Writer, "done", 1), "a thing": (Things, "_take_out", 0)}[sys.argv[1]])
main(["archive", *sys.argv[2:]])
"""


async def happens(house: House) -> None:
    """Two months of four people."""
    for day in (0, 1, 35):
        for who in PEOPLE:
            told = record(
                "stock",
                stock("SRO", day),
                stock("CTE", 0),
                at=BEGAN + day * DAY,
                msisdn=who,
                session=f"{day}",
            )
            await house.sessions.commit(step(f"{who}{day}", told, msisdn=who))


MOMENTS = ("written", "named", "half taken out", "in another month")


async def writes(house: House) -> None:
    """Messages and alerts: two stock-outs of which one ends; a message that waits for a long time."""
    await happens(house)
    for number, text in enumerate(("STOCK SRO 0 CTE 0", "STOCK SRO 90", "AIDE")):
        await house.gateway.receive(Inbound("simulator", "sms", f"sms-{number}", PEOPLE[1], text))
        await house.worker().once()
    await house.outbox.queue(
        [message("waits", Body(to=PEOPLE[1], kind="reminder", text="I ni ce"), BEGAN, 2**42)]
    )


def told(operator: Operator) -> Said:
    return operator.types("reports", "export", "--format", "csv")


@pytest_asyncio.fixture
async def filled(operator: Operator) -> AsyncIterator[Operator]:
    """A store that stays open meanwhile: a command that starts it takes two seconds longer."""
    held = await Embedded.start(operator.folder / "data")
    await asyncio.to_thread(operator.fills, happens)
    yield operator
    await held.stop()


def test_months_go_to_files_and_everything_reads_on(filled: Operator) -> None:
    before, since = told(filled), filled.types("reports", "export", "--since", "2026-01-01")
    said = filled.types("archive", "--before", "2026-01-01")
    assert (said.code, said.lines[0][:28]) == (0, "ledger-202512.zip: 8 entries")
    assert len(said.lines) == 1
    files = filled.folder / "data" / "archives"
    assert sorted(path.name for path in files.iterdir()) == ["ledger-202512.zip", "lock"]
    assert (files / "ledger-202512.zip").stat().st_mode & 0o077 == 0
    assert told(filled) == before
    assert filled.types("reports", "export", "--since", "2026-01-01") == since
    assert filled.types("archive", "--now", "2026-06-30").out == ""
    assert filled.types("archive", "--now", "2026-08-02").lines[0].startswith("ledger-202601.zip: 4 entries")
    assert told(filled) == before
    assert filled.types("rebuild") == (0, "", "0 differences\n")
    assert filled.types("archive", "--now", "2026-08-02", "--before", "2026-08-02").code == 2
    never = {"KUNNAFONI_STORE__ARCHIVE_AFTER_MONTHS": "0"}
    assert filled.types("archive", "--now", "2036-08-02", env=never) == (0, "", "")
    elsewhere = {"KUNNAFONI_STORE__URL": "redis://127.0.0.1:1"}
    refused = filled.types("archive", env=elsewhere)
    assert (refused.code, refused.err[:24]) == (1, "[store] archives names n")


def test_killed_in_the_middle_it_has_lost_nothing_and_doubled_nothing(filled: Operator) -> None:
    before = told(filled)
    for moment in MOMENTS:
        dies(filled, moment)
        assert told(filled) == before, moment
    assert filled.types("archive").code == 0
    assert told(filled) == before
    assert filled.types("rebuild").err == "0 differences\n"
    assert not list((filled.folder / "data" / "archives").glob("*.part"))


def dies(operator: Operator, moment: str, *words: str) -> None:
    """`archive`, killed then."""
    environ = {**os.environ, "KUNNAFONI_STORE__DATA": "data"}
    command = [sys.executable, "-c", DIES, moment, *words]
    killed = subprocess.run(command, cwd=operator.folder, env=environ, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, (moment, killed.stderr)


async def test_two_at_once_move_each_row_once(filled: Operator) -> None:
    operator = filled
    before = await asyncio.to_thread(told, operator)
    commands = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "archive"),
            cwd=operator.folder,
            env={**os.environ, "KUNNAFONI_STORE__DATA": "data"},
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    said = [(await command.communicate())[0].decode().splitlines() for command in commands]
    assert sorted(line.partition(":")[0] for lines in said for line in lines) == [
        "ledger-202512.zip",
        "ledger-202601.zip",
    ]
    assert await asyncio.to_thread(told, operator) == before


def test_the_archive_is_part_of_the_backup(filled: Operator) -> None:
    before = told(filled)
    filled.types("archive", "--before", "2026-01-01")
    assert filled.types("backup", "night.backup").code == 0
    assert filled.types("restore", "night.backup", "--data", "copy").code == 0
    copy = Operator(filled.folder, Path("copy"))
    assert told(copy) == before
    assert copy.types("rebuild").err == "0 differences\n"
    assert filled.types("restore", "night.backup", "--data", "copy").code == 1
    (filled.folder / "other" / "archives").mkdir(parents=True)
    (filled.folder / "copy" / "archives" / "ledger-202512.zip").rename(
        filled.folder / "other" / "archives" / "ledger-202512.zip"
    )
    refused = filled.types("restore", "night.backup", "--data", "other")
    assert (refused.code, "of another store" in refused.err) == (1, True)


def test_messages_and_alerts_that_are_over_go_too_and_are_exported_forgotten_and_erased(
    filled: Operator,
) -> None:
    operator = filled
    operator.fills(writes)
    exports = [("outbox", "export"), ("alerts", "export"), ("outbox", "export", "--since", "2026-01-01")]
    before = [operator.types(*words).out for words in exports]
    states = {line["id"]: line["state"] for line in map(json.loads, before[0].splitlines())}
    over = {name for name, state in states.items() if state == "delivered"}
    assert states["waits"] == "queued"
    assert len(over) == 3
    assert {json.loads(line)["state"] for line in before[1].splitlines()} == {"open", "resolved"}
    dies(operator, "a thing", "--before", "2036-01-01")
    assert [operator.types(*words).out for words in exports] == before
    said = operator.types("archive", "--before", "2036-01-01")
    assert [line.partition("-")[0] for line in said.lines] == ["outbox", "alerts"]
    moved = int(said.lines[0].partition(": ")[2].partition(" ")[0])
    assert moved == len(over)
    assert [operator.types(*words).out for words in exports] == before
    assert operator.types("archive", "--before", "2036-01-01").out == ""
    assert operator.types("worker", "--once", "--now", "2036-01-01").code == 0
    after = [json.loads(line) for line in operator.types("outbox", "export").out.splitlines()]
    assert [line["text"] for line in after if line["id"] in over] == ["", "", ""]
    assert operator.types("person", "erase", PEOPLE[1], "--yes").code == 0
    for words in exports:
        assert PEOPLE[1] not in operator.types(*words).out
    assert operator.types("rebuild").err == "0 differences\n"


def test_without_its_files_nobody_pretends_to_have_read_everything(filled: Operator) -> None:
    filled.types("archive", "--before", "2026-01-01")
    files = filled.folder / "data" / "archives"
    files.rename(files.with_name("elsewhere"))
    for words in (
        ("reports", "export"),
        ("rebuild",),
        ("archive",),
        ("backup", "night.backup"),
        ("person", "export", PEOPLE[0]),
        ("person", "erase", PEOPLE[0], "--yes"),
    ):
        said = filled.types(*words)
        assert (said.code, "ledger-202512.zip is not here" in said.err) == (1, True), words
    assert not (filled.folder / "night.backup").exists()
    (files / "lock").unlink(missing_ok=True)
    files.rmdir() if files.exists() else None
    files.with_name("elsewhere").rename(files)
    (files / "ledger-202512.zip").write_bytes(b"no archive")
    assert "is damaged" in filled.types("reports", "export").err


def test_who_asks_to_be_taken_out_is_taken_out_of_files_too(filled: Operator) -> None:
    filled.types("archive", "--before", "2026-01-01")
    held = filled.types("person", "export", PEOPLE[0]).out
    assert "archives/ledger-202512.zip" in held
    assert filled.types("person", "erase", PEOPLE[0], "--yes").code == 0
    assert filled.types("person", "export", PEOPLE[0]).out == ""
    with ZipFile(filled.folder / "data" / "archives" / "ledger-202512.zip") as packed:
        words = b"".join(map(packed.read, packed.namelist()))
    assert PEOPLE[0].encode() not in words
    assert words.count(b"erased-") == 4
    assert PEOPLE[1].encode() in words
    assert filled.types("rebuild").err == "0 differences\n"
