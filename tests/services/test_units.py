"""The health map: as many levels as there are, each unit under a parent that exists, none above itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.people import Contact, Unit
from bot.services.changes import Report, plan
from bot.services.units import import_units, path_of, read_units
from tests.services.held import Held

MAP = """code,name,parent,type,dhis2_id
FALO,CSCom de Falo,BLA,cscom,
ML,Mali,,country,
SEG,Ségou,ML,region,
BLA,Bla,SEG,district,sDw3x8qZ1Ab
"""


def test_units_come_in_any_order_and_know_their_way_up() -> None:
    units, problems = read_units(MAP)
    assert problems == []
    assert units["BLA"] == Unit("BLA", "Bla", "SEG", "district", "sDw3x8qZ1Ab")
    assert path_of("FALO", units) == "ML/SEG/BLA/FALO"
    assert path_of("ML", units) == "ML"
    assert path_of("NOWHERE", units) == ""


SLASH = "code: it must be there, without the / that separates codes in a path"
CIRCLE = "parent: the way up goes in a circle"


@pytest.mark.parametrize(
    ("rows", "kept", "said"),
    [
        ("A,Aa,\nA,Bb,", ["A"], ["3: code: A is on line 2 already"]),
        ("A,Aa,X", [], ["2: parent: X, parent of A, is not known"]),
        (
            "A,Aa,B\nB,Bb,X\nC,Cc,",
            ["C"],
            [f"{line}: parent: X, parent of B, is not known" for line in (2, 3)],
        ),
        ("A,Aa,A", [], [f"2: {CIRCLE} (A < A)"]),
        ("A,Aa,B\nB,Bb,A", [], [f"2: {CIRCLE} (A < B < A)", f"3: {CIRCLE} (B < A < B)"]),
        ("A,,", [], ["2: name: empty"]),
        (",Aa,", [], [f"2: {SLASH}"]),
        ("A/B,Aa,", [], [f"2: {SLASH}"]),
    ],
)
def test_a_unit_that_hangs_nowhere_is_refused_with_its_line(
    rows: str, kept: list[str], said: list[str]
) -> None:
    units, problems = read_units(f"code,name,parent\n{rows}\n", file="u.csv")
    assert list(units) == kept
    assert [str(one) for one in problems] == [f"u.csv:{line}" for line in said]


def test_a_column_that_is_not_there_changes_nothing() -> None:
    held, _ = read_units(MAP)
    units, problems = read_units("code,name\nBLA,Bla-Ville\n", held)
    assert problems == []
    assert units == {"BLA": Unit("BLA", "Bla-Ville", "SEG", "district", "sDw3x8qZ1Ab")}


def test_a_parent_may_be_held_already_and_a_loop_through_it_is_seen() -> None:
    held, _ = read_units(MAP)
    siri = "SIRI,CSCom de Siribala,BLA\n"
    assert list(read_units("code,name,parent\n" + siri, held)[0]) == ["SIRI"]
    units, problems = read_units("code,name,parent\nSEG,Ségou,FALO\nNIO,Niono,ML\n" + siri, held)
    assert list(units) == ["NIO"]
    assert [one.message for one in problems] == [
        "parent: the way up goes in a circle (SEG < FALO < BLA < SEG)",
        "parent: the way up goes in a circle (SIRI < BLA < SEG < FALO < BLA)",
    ]


async def test_the_same_sheet_twice_changes_nothing(held: Held) -> None:
    assert await import_units(MAP, held) == Report(4, 0, 0, [])
    held.written.clear()
    assert await import_units(MAP.encode(), held) == Report(0, 0, 4, [])
    assert held.written == []


async def test_when_a_unit_moves_the_people_below_move_with_it(held: Held) -> None:
    await import_units(MAP, held)
    awa = Contact("+22370000001", "Awa", "asc", "FALO", "bm", path="ML/SEG/BLA/FALO", stopped=True)
    far = Contact("+22370000002", "Bintou", "central", "ML", "bm", path="ML")
    lost = Contact("+22370000003", "Nana", "asc", "GONE", "bm", path="ML/GONE")
    await held.put([awa, far, lost])
    held.written.clear()
    report = await import_units(
        "code,name,parent,type\nNIO,Niono,SEG,district\nFALO,CSCom de Falo,NIO,cscom\n", held
    )
    assert report == Report(1, 1, 0, [])
    assert held.by_number["+22370000001"].path == "ML/SEG/NIO/FALO"
    assert held.by_number["+22370000001"].stopped
    assert sorted(held.written) == ["+22370000001", "FALO", "NIO"]


@given(st.lists(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from(["", *"ABCDEFX"])), max_size=8))
def test_every_unit_taken_reaches_a_top_and_every_other_is_reported(links: list[tuple[str, str]]) -> None:
    rows = "".join(f"{code},Unit {code},{parent}\n" for code, parent in links)
    units, problems = read_units("code,name,parent\n" + rows)
    assert len(units) + len(problems) == len(links)
    for code in units:
        top = path_of(code, units).partition("/")[0]
        assert units[top].parent == ""


def test_a_plan_says_who_is_new_who_changed_and_who_did_not() -> None:
    old = {"A": Unit("A", "a"), "B": Unit("B", "b"), "C": Unit("C", "c")}
    changes = plan(old, {"B": Unit("B", "b"), "C": Unit("C", "d"), "D": Unit("D", "e")})
    assert [one.code for one in changes.added] == ["D"]
    assert [one.code for one in changes.changed] == ["C"]
    assert [one.code for one in changes.unchanged] == ["B"]
    assert [one.code for one in changes.new] == ["D", "C"]
