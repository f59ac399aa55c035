"""CSV as spreadsheets and people leave it: nothing is lost without a line that says so."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import sheets
from bot.services.sheets import clean, nearest, read, write

COLUMNS = ("msisdn", "name", "org_unit")


def rows(content: str | bytes) -> list[tuple[int, dict[str, str]]]:
    sheet = read(content, "f.csv", COLUMNS, "msisdn")
    assert sheet.problems == []
    return [(row.line, dict(row.cells)) for row in sheet.rows]


def problems(content: str | bytes) -> list[str]:
    return [str(one) for one in read(content, "f.csv", COLUMNS, "msisdn").problems]


@pytest.mark.parametrize(
    "content",
    [
        "msisdn,name,org_unit\n7,Awa Keïta,FALO\n",
        "\ufeffmsisdn,name,org_unit\n7,Awa Keïta,FALO\n",
        "msisdn;name;org_unit\r\n7;Awa Keïta;FALO\r\n",
        "msisdn\tname\torg_unit\n7\tAwa Keïta\tFALO",
        '"msisdn","name","org_unit"\n"7","Awa Keïta","FALO"\n',
        "Org Unit, NAME ,Msisdn\nFALO, Awa  Kei\u0308ta ,7\n",
        "ORG_UNIT;NAME;MSISDN\nFALO;\u202aAwa\u00a0Keïta\u202c;7\n",
        "msisdn,name,org_unit\n7,Awa Keïta,FALO,,,\n",
    ],
)
def test_however_a_spreadsheet_saved_it_the_row_is_the_same(content: str) -> None:
    expected = [(2, {"msisdn": "7", "name": "Awa Keïta", "org_unit": "FALO"})]
    assert rows(content) == rows(content.encode()) == expected


def test_a_row_keeps_the_line_it_begins_on() -> None:
    content = '\n\nmsisdn,name\n\n1,"Awa\nKeïta"\n,\n2\n'
    assert rows(content) == [(5, {"msisdn": "1", "name": "Awa Keïta"}), (8, {"msisdn": "2", "name": ""})]


@pytest.mark.parametrize("before", ["", "Awa;", "Awa\r\n", "a;b;"])
@pytest.mark.parametrize("cell", ["=1+1", "@SUM(1)", "+1+1", "-x", "\t=1", "'=1"])
def test_no_part_of_a_cell_runs_wherever_a_spreadsheet_cuts_it(before: str, cell: str) -> None:
    """A French spreadsheet cuts at `;` and knows no quotes within a cell."""
    row = write(("name",), [(before + cell,)]).partition("\n")[2]
    parts = [part for line in row.splitlines() for part in line.strip('"').split(";")]
    assert not [part for part in parts if part[:1] in ("=", "@", "\t") or part[:1] in ("+", "-")]


@pytest.mark.parametrize("cell", ["+22376123456", "-5", "a;+22376123456;-5", "1=1", "a@b"])
def test_a_number_shows_as_itself(cell: str) -> None:
    assert sheets.still(cell) == cell


FIRST_ROW = "the first row names the columns msisdn,name,org_unit"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", f"f.csv:1: nothing was read, no column msisdn: {FIRST_ROW}"),
        ("name\nAwa", f"f.csv:1: nothing was read, no column msisdn: {FIRST_ROW}"),
        ("\nmsisdn,name,Name\n7,a,b", f"f.csv:2: nothing was read, column name is there twice: {FIRST_ROW}"),
        ("msisdn,nam\n7,a", "f.csv:1: column nam is not known and was not read: name?"),
        ("msisdn,village\n7,a", "f.csv:1: column village is not known and was not read"),
        ("msisdn,name\n7,a,b\n8,c", "f.csv:2: 3 cells under 2 columns: is a quote missing?"),
        (b"msisdn,name\n7,Kei\xefta\n", "f.csv:2: not UTF-8: save the sheet as “CSV UTF-8” and try again"),
        ("msisdn\n7".encode("utf-16"), "f.csv:1: not UTF-8: save the sheet as “CSV UTF-8” and try again"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_said_with_its_line(content: str | bytes, said: str) -> None:
    assert problems(content) == [said]


def test_a_quote_out_of_place_costs_its_own_row_only() -> None:
    sheet = read('msisdn,name\n1,"Awa"x\n2,Oumou\n3,"Salif\n4,Nana\n', "f.csv", COLUMNS, "msisdn")
    assert [row.cells["msisdn"] for row in sheet.rows] == ["2"]
    assert [one.line for one in sheet.problems] == [2, 4]
    assert sheet.problems[1].message.startswith("not read (to line 5), a quote is out of place")


def test_a_broken_header_is_not_taken_for_a_row() -> None:
    sheet = read('"msisdn"x,name\nmsisdn,name\n7,Awa\n', "f.csv", COLUMNS, "msisdn")
    assert sheet.rows == []
    assert [one.line for one in sheet.problems] == [1]


@pytest.mark.parametrize(
    "cell", ["=1+1", "@SUM(A1)", "+1+1", "-cmd|' /C calc'!A0", "'=1+1", "''@x", "+", "-"]
)
def test_no_cell_we_write_runs_as_a_formula(cell: str) -> None:
    written = write(["name"], [[cell]])
    told = next(iter(list(csv.reader(io.StringIO(written)))[1:]))
    assert told == ["'" + cell]
    assert clean(told[0]) == cell


@pytest.mark.parametrize("cell", ["+22370000001", "-5", "N'Diaye", "'Awa", "a=b", "it's", ""])
def test_a_number_and_a_name_are_written_as_they_are(cell: str) -> None:
    written = write(["msisdn", "name"], [["7", cell]])
    assert list(csv.reader(io.StringIO(written)))[1] == ["7", cell]


@given(st.lists(st.lists(st.text().map(clean), min_size=3, max_size=3), max_size=8))
def test_a_sheet_we_write_reads_back_cell_by_cell(cells: list[list[str]]) -> None:
    told = read(write(COLUMNS, cells), "f.csv", COLUMNS, "msisdn")
    assert told.problems == []
    assert [list(row.cells.values()) for row in told.rows] == [row for row in cells if any(row)]


@given(st.one_of(st.text(), st.binary(), st.text('",;\t\n\r\ufeffmsisdn=+-@').map("msisdn,name\n".__add__)))
def test_whatever_the_file_holds_its_rows_are_clean_and_its_problems_have_lines(content: str | bytes) -> None:
    sheet = read(content, "f.csv", COLUMNS, "msisdn")
    for row in sheet.rows:
        assert row.cells["msisdn"] == row.cells["msisdn"].strip()
        assert all(cell.isprintable() for cell in row.cells.values())
    assert all(one.line >= 1 and one.message for one in sheet.problems)


def test_in_a_long_list_nothing_is_guessed() -> None:
    assert nearest("SR0", ["SRO", "ZIN"]) == ": SRO?"
    assert nearest("SR0", [f"SR{number}" for number in range(1, 200)]) == ""
    assert sheets.nearest("XYZ", ["SRO"]) == ""


def test_a_sheet_of_a_million_columns_is_refused_at_once() -> None:
    """Each column was once compared with each other: a file of 4 MiB would have taken all day, and the line with it."""
    read = sheets.read("msisdn;" + "a;" * 1_000_000, "x.csv", COLUMNS, "msisdn")
    assert [problem.line for problem in read.problems] == [1]
    assert "columns" in read.problems[0].message
