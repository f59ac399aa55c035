"""`users`: accounts made on the machine itself, and passwords replaced."""

import pytest

from tests.cli.operator import Operator

GOOD = {"KUNNAFONI_PASSWORD": "une phrase assez longue"}


def test_accounts_are_added_and_listed(operator: Operator) -> None:
    assert operator.types("users", "add", "Awa", "--role", "viewer", env=GOOD).code == 0
    assert operator.types("users", "add", "Bakary", "--role", "admin", env=GOOD).code == 0
    assert operator.types("users", "list").lines == ["Awa\tviewer\t*\tactive", "Bakary\tadmin\t*\tactive"]
    again = operator.types("users", "add", "awa", "--role", "editor", env=GOOD)
    assert (again.code, again.out) == (1, "awa: there is an account of that name\n")


def test_a_password_is_replaced(operator: Operator) -> None:
    operator.types("users", "add", "Awa", "--role", "viewer", env=GOOD)
    assert operator.types("users", "passwd", "AWA", env={"KUNNAFONI_PASSWORD": "another phrase"}).code == 0
    nobody = operator.types("users", "passwd", "Nobody", env=GOOD)
    assert (nobody.code, nobody.out) == (1, "there is no account Nobody\n")
    weak = operator.types("users", "passwd", "Awa", env={"KUNNAFONI_PASSWORD": "short"})
    assert (weak.code, "10 characters" in weak.out) == (1, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "Awa", "--role", "king"], 2),
        (["add", "Awa"], 2),
        (["add", "a/b", "--role", "admin"], 1),
        (["add", "Awa", "--role", "admin", "--area", "NOWHERE"], 1),
    ],
)
def test_what_cannot_be_is_refused(operator: Operator, words: list[str], code: int) -> None:
    assert operator.types("users", *words, env=GOOD).code == code
    assert operator.types("users", "list").lines == []


def test_without_a_terminal_and_a_password_it_is_wrong_usage(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUNNAFONI_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert operator.types("users", "add", "Awa", "--role", "admin").code == 2
