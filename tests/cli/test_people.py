"""`contacts import` and `contacts export`: the roster comes in with its units, is refused by row, goes out again."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.cli.operator import Operator

COLUMNS = "msisdn,name,role,org_unit,language,supervisor,sex,products,active,external_id"
UNITS = """\
code,name,parent,type,dhis2_id
ML,Mali,,country,a1
BLA,Bla,ML,district,
FALO,CSCom de Falo,BLA,cscom,f9
"""
ROSTER = f"""\
{COLUMNS}
76 00 00 01,Awa Traoré,asc,FALO,bm,+22376000101,f,SRO CTE,oui,A-1
0022376000002,Binta Keïta,ASC,FALO,fr,76000101,F,,1,A-2
+22376000101,Dr Koné,dtc,FALO,fr,,,,,D-1
"""


@pytest.fixture
def roster(folder: Path) -> Path:
    (folder / "org_units.csv").write_text(UNITS, "utf-8")
    (folder / "roster.csv").write_text(ROSTER, "utf-8")
    return folder / "roster.csv"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def numbers(text: str) -> Iterable[str]:
    return [row["msisdn"] for row in rows(text)]


def test_a_roster_comes_in_with_the_units_beside_it(operator: Operator, roster: Path) -> None:
    said = operator.types("contacts", "import", str(roster))
    assert (said.code, said.out) == (0, "")
    counted = ["3 added, 0 changed, 0 unchanged"] * 2
    assert said.err.splitlines()[-2:] == counted


def test_the_same_file_again_changes_nothing(operator: Operator, roster: Path) -> None:
    operator.types("contacts", "import", str(roster))
    before = operator.types("contacts", "export").out
    said = operator.types("contacts", "import", str(roster))
    assert (said.code, said.err.splitlines()[-2:]) == (0, ["0 added, 0 changed, 3 unchanged"] * 2)
    assert operator.types("contacts", "export").out == before


def test_a_roster_goes_out_as_it_came_in_in_one_spelling(operator: Operator, roster: Path) -> None:
    operator.types("contacts", "import", str(roster))
    exported = operator.types("contacts", "export")
    assert (exported.code, exported.lines[0]) == (0, COLUMNS)
    by_number = {row["msisdn"]: row for row in rows(exported.out)}
    assert by_number["+22376000001"] == {
        "msisdn": "+22376000001",
        "name": "Awa Traoré",
        "role": "asc",
        "org_unit": "FALO",
        "language": "bm",
        "supervisor": "+22376000101",
        "sex": "f",
        "products": "SRO CTE",
        "active": "true",
        "external_id": "A-1",
    }
    assert sorted(by_number) == ["+22376000001", "+22376000002", "+22376000101"]


def test_what_went_out_comes_in_elsewhere(operator: Operator, roster: Path, folder: Path) -> None:
    operator.types("contacts", "import", str(roster))
    exported = operator.types("contacts", "export").out
    (folder / "again.csv").write_text(exported, "utf-8")
    operator.types("contacts", "import", "again.csv", "--data", "elsewhere")
    again = operator.types("contacts", "export", "--data", "elsewhere").out
    assert rows(again) == rows(exported)


def test_refused_rows_are_named_and_the_others_kept(operator: Operator, roster: Path) -> None:
    refused = """\
12,Nobody,asc,FALO,fr,,,,,
76000004,,asc,FALO,fr,,,,,
76000005,Sita,ascc,FALO,fr,,,,,
76000006,Sita,asc,NOWHERE,fr,,,,,
76000007,Sita,asc,FALO,en,,,,,
76000008,Sita,asc,FALO,fr,,,XYZ,,
76000009,Sita,asc,FALO,fr,,,,maybe,
76000001,Sita,asc,FALO,fr,,,,,
"""
    roster.write_text(ROSTER + refused, "utf-8")
    said = operator.types("contacts", "import", str(roster))
    assert said.code == 1
    reasons = ["msisdn", "name: empty", "role", "org_unit", "language", "products", "active", "msisdn"]
    assert len(said.lines) == len(reasons)
    for number, (line, reason) in enumerate(zip(said.lines, reasons, strict=True), 5):
        assert line.startswith(f"{roster}:{number}: {reason}")
    assert "3 added, 0 changed, 0 unchanged" in said.err
    assert len(list(numbers(operator.types("contacts", "export").out))) == 3


def test_a_supervisor_nobody_knows_is_a_warning(operator: Operator, roster: Path) -> None:
    roster.write_text(f"{COLUMNS}\n76000001,Awa,asc,FALO,fr,76000999,,,,\n", "utf-8")
    said = operator.types("contacts", "import", str(roster))
    assert (said.code, "is not in the roster" in said.out) == (0, True)
    assert numbers(operator.types("contacts", "export").out) == ["+22376000001"]


def test_units_that_are_refused_are_said_first(operator: Operator, roster: Path, folder: Path) -> None:
    units = folder / "org_units.csv"
    units.write_text(f"{UNITS}X,Adrift,NOWHERE,cscom,\n", "utf-8")
    said = operator.types("contacts", "import", str(roster))
    assert (said.code, len(said.lines)) == (1, 1)
    assert said.out.startswith(f"{units}:5: parent: ")
    assert len(list(numbers(operator.types("contacts", "export").out))) == 3


def test_the_units_alone_and_then_a_roster_elsewhere(
    operator: Operator, roster: Path, tmp_path: Path
) -> None:
    said = operator.types("contacts", "import", "org_units.csv")
    assert (said.code, said.err.splitlines()[-1]) == (0, "3 added, 0 changed, 0 unchanged")
    (tmp_path / "sent").mkdir()
    moved = roster.rename(tmp_path / "sent" / "people.csv")
    assert operator.types("contacts", "import", str(moved)).code == 0


def test_without_units_a_roster_is_refused(operator: Operator, folder: Path) -> None:
    (folder / "roster.csv").write_text(ROSTER, "utf-8")
    said = operator.types("contacts", "import", "roster.csv")
    assert (said.code, len(said.lines)) == (1, 3)
    assert all("org_unit: FALO is not known" in line for line in said.lines)
    assert operator.types("contacts", "export").lines == [COLUMNS]


def test_a_changed_row_and_a_shorter_sheet_change_only_what_they_say(
    operator: Operator, roster: Path
) -> None:
    operator.types("contacts", "import", str(roster))
    roster.write_text("msisdn,active\n76000001,non\n76000002,oui\n", "utf-8")
    said = operator.types("contacts", "import", str(roster))
    assert (said.code, said.err.splitlines()[-1]) == (0, "0 added, 1 changed, 1 unchanged")
    awa, *_ = [row for row in rows(operator.types("contacts", "export").out) if row["external_id"] == "A-1"]
    assert (awa["name"], awa["products"], awa["active"]) == ("Awa Traoré", "SRO CTE", "false")


@pytest.mark.parametrize("content", ["", "name,role\nAwa,asc\n", "\xff\xfe"])
def test_what_is_no_roster_is_refused(operator: Operator, folder: Path, content: str) -> None:
    (folder / "roster.csv").write_bytes(content.encode("latin-1"))
    said = operator.types("contacts", "import", "roster.csv")
    assert said.code == 1
    assert said.out.startswith("roster.csv:")


def test_a_file_there_is_not_is_wrong_usage(operator: Operator) -> None:
    for words in (
        ["contacts", "import", "nosuch.csv"],
        ["contacts", "import"],
        ["contacts", "import", "flows"],
    ):
        assert operator.types(*words).code == 2


def test_a_new_number_and_two_rows_that_are_one(operator: Operator, roster: Path) -> None:
    """All of it in one store: a move, what is like another, and a merge."""
    again = "76 00 00 09,Awa  TRAORE,asc,FALO,fr,76000101,f,SRO,oui,"
    roster.write_text(f"{ROSTER}{again}\n", "utf-8")
    operator.types("contacts", "import", str(roster))
    pair = "+22376000001 Awa Traoré, FALO = +22376000009 Awa TRAORE, FALO: name"
    assert operator.types("contacts", "alike") == (0, f"{pair}\n", "")
    refused = operator.types("contacts", "move", "76000001", "76000009")
    assert (refused.code, "+22376000009 is on the roster: Awa TRAORE" in refused.err) == (1, True)
    assert operator.types("contacts", "merge", "76000001", "76000101").code == 1
    assert operator.types("contacts", "merge", "76000009", "76000001").code == 0
    assert operator.types("contacts", "alike").out == ""
    for _ in "twice":
        said = operator.types("contacts", "move", "76000001", "66 11 22 33")
        assert said == (0, "", "+22376000001 is now +22366112233\n"), "the same again changes nothing"
    assert operator.types("contacts", "move", "76000001", "66112244").code == 1
    assert sorted(numbers(operator.types("contacts", "export").out)) == [
        "+22366112233",
        "+22376000002",
        "+22376000101",
    ]
    old = operator.types("contacts", "import", str(roster))
    assert f"{roster}:2: msisdn: +22376000001 was hers, +22366112233 is: write that" in old.out
    assert f"{roster}:5: msisdn: +22376000009 was hers, +22366112233 is" in old.out
    other = f"{COLUMNS}\n76 00 00 01,Sira Konaté,asc,FALO,fr,76000101,f,SRO,oui,A-9\n"
    roster.write_text(other, "utf-8")
    assert operator.types("contacts", "import", str(roster)).code == 0, "the number is somebody else's now"
    assert operator.types("rebuild").err == "0 differences\n"
