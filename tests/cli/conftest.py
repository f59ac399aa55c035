"""The command as an operator types it, in a folder of her own with the shipped files."""

import shutil
from pathlib import Path

import pytest

from tests.cli.operator import Operator
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped flows, words and settings, which we stand in."""
    for name in ("flows", "locales"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "config.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def operator(folder: Path) -> Operator:
    return Operator(folder)
