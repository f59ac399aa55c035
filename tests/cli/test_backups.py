"""`backup` and `restore`, as the operator types them."""

from pathlib import Path

import pytest

from bot.store.layout import SCHEMA
from tests.cli.operator import Operator
from tests.cli.test_exports import happens


def test_a_backup_restores_into_another_folder(operator: Operator) -> None:
    operator.fills(happens)
    assert operator.types("backup", "night.backup").code == 0
    restored = operator.types("restore", "night.backup", "--data", "copy")
    assert (restored.code, restored.out) == (0, "")
    assert "keys restored" in restored.err
    assert (
        operator.types("reports", "export", "--data", "copy").out == operator.types("reports", "export").out
    )
    assert (
        operator.types("contacts", "export", "--data", "copy").out == operator.types("contacts", "export").out
    )
    rebuilt = operator.types("rebuild", "--data", "copy")
    assert (rebuilt.code, rebuilt.err) == (0, "0 differences\n")


def test_nothing_is_restored_over_what_is_there(operator: Operator) -> None:
    operator.fills(happens)
    operator.types("backup", "night.backup")
    again = operator.types("restore", "night.backup")
    assert again.code == 1
    assert "not empty" in again.err


def test_what_does_not_fit_is_said_before_anything_is_written(operator: Operator, folder: Path) -> None:
    operator.fills(happens)
    operator.types("backup", "night.backup")
    other = operator.types("restore", "night.backup", "--data", "copy", env={"KUNNAFONI_STORE__SHARDS": "8"})
    assert other.code == 1
    assert "set [store] shards = 64" in other.err
    Path("night.backup").write_bytes(b"no backup")
    assert operator.types("restore", "night.backup", "--data", "copy").code == 1
    assert not (folder / "copy").exists()


def test_a_store_that_is_not_there_is_not_backed_up(operator: Operator, folder: Path) -> None:
    missing = operator.types("backup", "night.backup", "--data", "dta")
    assert missing.code == 1
    assert "there is no store in dta" in missing.err
    assert not (folder / "dta").exists()
    assert operator.types("backup", "nowhere/night.backup").code == 2


def test_a_backup_of_another_schema_is_refused(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    operator.fills(happens)
    operator.types("backup", "night.backup")
    monkeypatch.setattr("bot.copying.SCHEMA", SCHEMA + 1)
    refused = operator.types("restore", "night.backup", "--data", "copy")
    assert refused.code == 1
    assert f"schema {SCHEMA}" in refused.err


def test_a_locked_backup_opens_with_its_passphrase_only(operator: Operator) -> None:
    operator.fills(happens)
    mine, other = ({"KUNNAFONI_BACKUP__PASSPHRASE": said} for said in ("mot de passe", "autre"))
    assert operator.types("backup", "night.backup", env=mine).code == 0
    assert b"+223" not in Path("night.backup").read_bytes()
    unset = operator.types("restore", "night.backup", "--data", "copy")
    assert (unset.code, "set KUNNAFONI_BACKUP__PASSPHRASE" in unset.err) == (1, True)
    wrong = operator.types("restore", "night.backup", "--data", "copy", env=other)
    assert (wrong.code, "does not open it" in wrong.err) == (1, True)
    assert operator.types("restore", "night.backup", "--data", "copy", env=mine).code == 0
    assert operator.types("rebuild", "--data", "copy").err == "0 differences\n"
    damaged = bytearray(Path("night.backup").read_bytes())
    damaged[-100] ^= 1
    Path("night.backup").write_bytes(damaged)
    assert operator.types("restore", "night.backup", "--data", "again", env=mine).code == 1
