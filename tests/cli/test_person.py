"""`person export` and `person erase`, as the operator types them."""

import io
import json

import pytest

from tests.cli.operator import Operator
from tests.cli.test_exports import happens

AMINATA = "+22370000001"


def test_what_is_held_is_told_then_taken_out_and_both_are_noted(operator: Operator) -> None:
    operator.fills(happens)
    told = operator.types("person", "export", "70 00 00 01")
    assert told.code == 0
    kinds = {json.loads(line)["key"].partition("}:")[2].partition(":")[0] for line in told.lines}
    assert "contact" in kinds
    assert "Aminata" in told.out
    erased = operator.types("person", "erase", AMINATA, "--yes")
    assert (erased.code, erased.out) == (0, "")
    assert "erased-" in erased.err
    assert operator.types("person", "export", AMINATA).out == ""
    assert AMINATA not in operator.types("reports", "export").out
    assert AMINATA not in operator.types("contacts", "export").out
    assert operator.types("rebuild").err == "0 differences\n"


def test_nothing_is_taken_out_unasked_or_for_no_number(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.fills(happens)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert operator.types("person", "erase", AMINATA).code == 1
    assert AMINATA in operator.types("contacts", "export").out
    assert operator.types("person", "export", "12").code == 2
