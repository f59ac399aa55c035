"""What is put into the house before the load, and read back from it after, by its own commands."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from shutil import copy
from typing import TypeVar

from msgspec import Struct, json

from bench.processes import ROOT

_UNITS = "org_units.csv"
T = TypeVar("T")


class House(Struct, frozen=True):
    """A store in a folder, or where `told`, its environment, says."""

    folder: Path
    told: Mapping[str, str] = {}

    def import_roster(self, lines: Iterable[str]) -> None:
        """Takes these contacts, in the org units of the demo programme."""
        self.folder.mkdir(parents=True, exist_ok=True)
        copy(ROOT / "bot" / "demo" / _UNITS, self.folder / _UNITS)
        sheet = self.folder / "roster.csv"
        with sheet.open("w", encoding="utf-8") as rows:
            rows.writelines(f"{line}\n" for line in lines)
        self._command("contacts", "import", str(sheet))

    def ledger(self, kind: str, row: type[T]) -> list[T]:
        """The reports of a kind; an embedded store is started anew for it, and reads them from the disk."""
        exported = self.folder / "reports.jsonl"
        self._command("reports", "export", "--kind", kind, "--output", str(exported))
        with exported.open("rb") as lines:
            return [json.decode(line, type=row) for line in lines]

    def _command(self, *words: str) -> None:
        command = [sys.executable, "-m", "bot", *words, "--data", str(self.folder / "data")]
        environ = os.environ | dict(self.told)
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")
