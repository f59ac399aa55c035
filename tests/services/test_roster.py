"""The roster: each row taken or refused with its reason, and what a person chose for herself left alone."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.people import Contact, Role, Unit
from bot.services.changes import Report, plan
from bot.services.roster import COLUMNS, Programme, export_roster, import_roster, read_roster
from bot.services.sheets import clean
from tests.services.held import Held

UNITS = {
    "ML": Unit("ML", "Mali"),
    "BLA": Unit("BLA", "Bla", "ML", "district"),
    "FALO": Unit("FALO", "CSCom de Falo", "BLA", "cscom"),
}
PROGRAMME = Programme(UNITS, ["SRO", "ZIN", "CTE"], ["fr", "bm"])
AWA = Contact(
    "+22370000001", "Awa Keïta", "asc", "FALO", "bm", "+22370000101", "f", ("SRO", "CTE"), True, "ASC-1",
    "ML/BLA/FALO",
)  # fmt: skip
ISSA = Contact("+22370000101", "Issa Théra", "dtc", "FALO", "fr", path="ML/BLA/FALO")
HEADER = ",".join(COLUMNS)


def taken(rows: str, header: str = "msisdn,name,role,org_unit") -> Contact:
    contacts, problems = read_roster(f"{header}\n{rows}\n", PROGRAMME)
    assert problems == []
    (contact,) = contacts.values()
    return contact


def refused(rows: str, header: str = "msisdn,name,role,org_unit", held: Iterable[Contact] = ()) -> list[str]:
    by_number = {contact.msisdn: contact for contact in held}
    _, problems = read_roster(f"{header}\n{rows}\n", PROGRAMME, by_number, file="r.csv")
    return [str(one) for one in problems]


def test_a_full_row_is_a_whole_contact() -> None:
    rows = (
        "70 00 00 01,Awa Keïta,ASC,FALO,BM,70.00.01.01,F,sro;CTE SRO,oui,ASC-1\n"
        "70000101,Issa Théra,DTC,FALO,,,,,,"
    )
    contacts, problems = read_roster(f"{HEADER}\n{rows}".replace("sro;CTE SRO", '"sro;CTE, SRO"'), PROGRAMME)
    assert problems == []
    assert list(contacts.values()) == [AWA, ISSA]


def test_a_short_row_takes_what_the_programme_says() -> None:
    assert taken("70000001,Awa,asc,FALO") == Contact(
        "+22370000001", "Awa", "asc", "FALO", "fr", path="ML/BLA/FALO"
    )


@pytest.mark.parametrize(
    ("cell", "role"),
    [("ASC", "asc"), ("Dtc", "dtc"), ("district", "district"), ("Région", "region"), ("CENTRAL", "central")],
)
def test_a_role_is_read_in_any_case_and_with_its_accent(cell: str, role: Role) -> None:
    assert taken(f"70000001,Awa,{cell},FALO").role == role


@pytest.mark.parametrize(
    ("cell", "sex"), [("F", "f"), ("femme", "f"), ("H", "m"), ("Homme", "m"), ("m", "m"), ("", "")]
)
def test_sex_is_read_in_french_and_english(cell: str, sex: str) -> None:
    assert taken(f"70000001,Awa,asc,FALO,{cell}", "msisdn,name,role,org_unit,sex").sex == sex


@pytest.mark.parametrize(
    ("cell", "active"),
    [("", True), ("OUI", True), ("1", True), ("VRAI", True), ("non", False), ("0", False), ("Faux", False)],
)
def test_active_is_read_as_people_say_it(cell: str, active: bool) -> None:
    assert taken(f"70000001,Awa,asc,FALO,{cell}", "msisdn,name,role,org_unit,active").active is active


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("7000000,Awa,asc,FALO", "2: msisdn: 7 digits: a number here has 8, one from abroad begins with +"),
        ("20212223,Awa,asc,FALO", "2: msisdn: +22320212223 is no mobile number: a landline gets no SMS"),
        ("70000001,,asc,FALO", "2: name: empty"),
        ("70000001,Awa,,FALO", "2: role: empty"),
        ("70000001,Awa,acs,FALO", "2: role: acs is not known: asc?"),
        ("70000001,Awa,asc,", "2: org_unit: empty"),
        ("70000001,Awa,asc,FALLO", "2: org_unit: FALLO is not known: FALO?"),
        (
            "=1+1,=2+2,asc,FALO",
            "2: msisdn: '=' stands in it: write the number in digits, such as 76 12 34 56",
        ),
        ("+CMD,Awa,asc,FALO", "2: msisdn: 'C' stands in it: write the number in digits, such as 76 12 34 56"),
        (
            "x,,chef,",
            (
                "2: msisdn: 'x' stands in it: write the number in digits, such as 76 12 34 56; "
                "name: empty; role: chef is not known; org_unit: empty"
            ),
        ),
        (
            "70000001,Awa,asc,FALO\n+223 70 00 00 01,Oumou,asc,FALO",
            "3: msisdn: +22370000001 is on line 2 already",
        ),
    ],
)
def test_a_row_is_refused_with_its_line_and_reason(rows: str, said: str) -> None:
    assert refused(rows) == [f"r.csv:{said}"]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("language", "ff", "language: ff is not known"),
        ("sex", "x", "sex: x is not known"),
        ("products", "SRO ZINC", "products: ZINC is not known: ZIN?"),
        ("active", "peut-être", "active: peut-etre is not known"),
        ("supervisor", "44901234", "supervisor: +22344901234 is no mobile number: a landline gets no SMS"),
        (
            "supervisor",
            "chef",
            "supervisor: 'c' stands in it: write the number in digits, such as 76 12 34 56",
        ),
    ],
)
def test_a_cell_that_says_nothing_we_know_refuses_its_row(column: str, cell: str, said: str) -> None:
    assert refused(f"70000001,Awa,asc,FALO,{cell}", f"msisdn,name,role,org_unit,{column}") == [
        f"r.csv:2: {said}"
    ]


def test_the_other_rows_are_kept() -> None:
    rows = "x,Awa,asc,FALO\n70000002,Oumou,asc,FALO\n70000003,,asc,FALO\n70000004,Nana,asc,FALO"
    contacts, problems = read_roster(f"msisdn,name,role,org_unit\n{rows}", PROGRAMME)
    assert [contact.name for contact in contacts.values()] == ["Oumou", "Nana"]
    assert [one.line for one in problems] == [2, 4]


def test_a_new_contact_needs_a_name_a_role_and_a_place() -> None:
    (said,) = refused("70000001,bm", "msisdn,language")
    assert said.split("; ") == [
        "r.csv:2: name: no such column, and she is new",
        "role: no such column, and she is new",
        "org_unit: no such column, and she is new",
    ]


SUPERVISED = "msisdn,name,role,org_unit,supervisor"


def test_a_supervisor_may_stand_below_or_be_held_already() -> None:
    assert refused("70000001,Awa,asc,FALO,70000101\n70000101,Issa,dtc,FALO,", SUPERVISED) == []
    assert refused("70000001,Awa,asc,FALO,70000101", SUPERVISED, [ISSA]) == []


def test_an_unknown_supervisor_is_kept_with_a_warning() -> None:
    contacts, problems = read_roster(f"{SUPERVISED}\n70000001,Awa,asc,FALO,70000101", PROGRAMME, file="r.csv")
    assert contacts["+22370000001"].supervisor == "+22370000101"
    assert [str(one) for one in problems] == [
        "r.csv:2: warning: supervisor: +22370000101 is not in the roster"
    ]


@pytest.mark.parametrize(
    "rows",
    [
        "70000001,Awa,asc,FALO,70000002\n70000002,Oumou,asc,FALO,",
        "70000001,Issa,dtc,FALO,+223 70000001",
        "70000001,Awa,asc,FALO,70000001",
    ],
)
def test_an_asc_or_oneself_is_no_supervisor(rows: str) -> None:
    (said,) = refused(rows, SUPERVISED)
    assert said.startswith("r.csv:2: supervisor: +2237000000")
    assert said.endswith("is no supervisor: hers is a DTC or above, and somebody else")


def test_whose_supervisor_was_refused_is_kept_with_a_warning() -> None:
    rows = "70000001,Awa,asc,FALO,70000101\n70000101,Issa,dtc,FALO,70000001"
    contacts, problems = read_roster(f"{SUPERVISED}\n{rows}", PROGRAMME)
    assert list(contacts) == ["+22370000001"]
    assert [(one.line, one.level) for one in problems] == [(2, "warning"), (3, "error")]


def test_a_missing_column_keeps_what_is_held_and_an_empty_cell_empties_it() -> None:
    held = {AWA.msisdn: AWA, ISSA.msisdn: ISSA}
    kept, _ = read_roster("msisdn,name\n70000001,Awa K.", PROGRAMME, held)
    assert kept[AWA.msisdn] == replace(AWA, name="Awa K.")
    emptied, _ = read_roster("msisdn,products,supervisor,sex\n70000001,,,", PROGRAMME, held)
    assert emptied[AWA.msisdn] == replace(AWA, products=(), supervisor="", sex="")


def test_an_empty_language_keeps_the_one_she_chose() -> None:
    kept, _ = read_roster("msisdn,language\n70000001,", PROGRAMME, {AWA.msisdn: AWA})
    assert kept[AWA.msisdn].language == "bm"


def test_a_formula_in_a_name_is_only_text_and_leaves_as_text() -> None:
    contact = taken('70000001,"=HYPERLINK(""http://x"",""y"")",asc,FALO')
    assert contact.name == '=HYPERLINK("http://x","y")'
    assert "\"'=HYPERLINK(" in export_roster([contact])


async def test_the_same_file_twice_changes_nothing(held: Held) -> None:
    await held.put_units(UNITS.values())
    held.written.clear()
    sheet = export_roster([AWA, ISSA])
    assert await import_roster(sheet, held, PROGRAMME.products, PROGRAMME.languages) == Report(2, 0, 0, [])
    assert held.by_number == {AWA.msisdn: AWA, ISSA.msisdn: ISSA}
    held.written.clear()
    assert await import_roster(sheet, held, PROGRAMME.products, PROGRAMME.languages) == Report(0, 0, 2, [])
    assert held.written == []


async def test_what_was_exported_comes_back_after_a_product_left_the_settings(held: Held) -> None:
    await held.put_units(UNITS.values())
    await held.put([AWA, ISSA])
    report = await import_roster(export_roster([AWA, ISSA]), held, ["SRO", "ZIN"], PROGRAMME.languages)
    assert report == Report(0, 0, 2, [])
    assert held.by_number[AWA.msisdn].products == ("SRO", "CTE")


async def test_an_import_counts_what_it_did_and_what_it_refused(held: Held) -> None:
    await held.put_units(UNITS.values())
    await held.put([AWA, ISSA])
    rows = (
        "70000001,Awa Keïta,asc,BLA\n70000101,Issa Théra,dtc,FALO\n70000002,Oumou,asc,FALO\nx,Nana,asc,FALO"
    )
    report = await import_roster(
        f"msisdn,name,role,org_unit\n{rows}".encode(), held, PROGRAMME.products, PROGRAMME.languages, "r.csv"
    )
    assert (report.added, report.changed, report.unchanged) == (1, 1, 1)
    assert [str(one) for one in report.problems] == [
        "r.csv:5: msisdn: 'x' stands in it: write the number in digits, such as 76 12 34 56"
    ]
    assert held.by_number[AWA.msisdn].path == "ML/BLA"


async def test_what_she_chose_survives_an_import(held: Held) -> None:
    chosen = {"stopped": True, "consent": "2026-11-21 ussd fr", "letters": True, "training": '{"id":"F-1"}'}
    await held.put_units(UNITS.values())
    await held.put([replace(AWA, **chosen), ISSA])
    sheet = export_roster([replace(AWA, name="Awa Traoré"), ISSA])
    report = await import_roster(sheet, held, PROGRAMME.products, PROGRAMME.languages)
    assert report == Report(0, 1, 1, [])
    assert held.by_number[AWA.msisdn] == replace(AWA, name="Awa Traoré", **chosen)


numbers = st.from_regex(r"\+223(7[0-9]|6[0-9]|9[0-9]|5[0-3])[0-9]{6}", fullmatch=True)
names = st.one_of(st.text(), st.text("=+-@'\"\t,;aé0")).map(clean).filter(bool)


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, Contact]:
    everyone = draw(st.lists(numbers, unique=True, max_size=8))
    leaders = everyone[: len(everyone) // 3]
    contacts = {}
    for number in everyone:
        place = draw(st.sampled_from([("ML", "ML"), ("BLA", "ML/BLA"), ("FALO", "ML/BLA/FALO")]))
        contacts[number] = Contact(
            number,
            draw(names),
            draw(st.sampled_from(["dtc", "district", "central"])) if number in leaders else "asc",
            place[0],
            draw(st.sampled_from(["fr", "bm"])),
            draw(st.sampled_from(["", *(one for one in leaders if one != number)])),
            draw(st.sampled_from(["", "f", "m"])),
            tuple(draw(st.lists(st.sampled_from(["SRO", "ZIN", "CTE"]), unique=True))),
            draw(st.booleans()),
            draw(names),
            place[1],
            stopped=draw(st.booleans()),
            consent=draw(st.text()),
        )
    return contacts


@given(rosters())
def test_what_was_exported_comes_back_as_it_was(held: dict[str, Contact]) -> None:
    contacts, problems = read_roster(export_roster(held.values()), PROGRAMME, held)
    assert problems == []
    assert contacts == held
    assert plan(held, contacts).new == ()


@given(st.text("0123456789+,;\n\"'=ascdtFALO7 "))
def test_whatever_the_rows_hold_each_contact_taken_is_whole(rows: str) -> None:
    contacts, _ = read_roster(f"msisdn,name,role,org_unit\n{rows}", PROGRAMME)
    for contact in contacts.values():
        assert contact.name
        assert contact.path.endswith(contact.org_unit)
