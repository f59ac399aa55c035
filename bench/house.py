"""What is put into the house before the load, and read back from it after, by its own commands."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from shutil import copy

from msgspec import json

from bench.account import Row
from bench.processes import ROOT

_UNITS = "org_units.csv"


def import_roster(folder: Path, lines: Iterable[str]) -> None:
    """Takes these contacts, in the org units of the demo programme."""
    copy(ROOT / "bot" / "demo" / _UNITS, folder / _UNITS)
    sheet = folder / "roster.csv"
    sheet.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    _command(folder, "contacts", "import", str(sheet))


def ledger(folder: Path) -> list[Row]:
    """The stock reports, as a store that was started anew reads them from the disk."""
    exported = folder / "reports.jsonl"
    _command(folder, "reports", "export", "--kind", "stock", "--output", str(exported))
    with exported.open("rb") as lines:
        return [json.decode(line, type=Row) for line in lines]


def _command(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "bot", *words, "--data", str(folder / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
