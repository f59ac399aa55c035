"""The roster, the reports and the messages at the console: found, changed, taken out, and only of one's own area."""

import csv
import io
import re
import zipfile

import pytest

from bot.accounts import Note
from bot.house import House
from bot.services.roster import COLUMNS
from tests.admin.conftest import Comes
from tests.admin.visitor import Visitor
from tests.calls import Phone

OUMOU, NANA = "+22370000002", "+22370000015"
"""Of Bla, and of Niono."""
BLA, NIO = "ML/SEG/BLA", "ML/SEG/NIO"
BAD = """\
msisdn,name,role,org_unit
7000000,Awa,asc,FALO
70000002,Oumou Dembélé Keïta,asc,FALO
70000090,Binta,ascc,FALO
20223344,Sita,asc,FALO
70000091,=SOMME(A1),asc,FALO
"""


async def notes(house: House, what: str) -> list[Note]:
    return [note async for note in house.audit.newest() if note.what == what]


async def test_a_roster_is_searched_filtered_and_sorted(comes: Comes) -> None:
    viewer = await comes("viewer")
    found = (await viewer.opens("/roster?q=dembele&role=asc&state=active")).text
    assert "Oumou Dembélé" in found
    assert "Salif Konaté" not in found
    down = (await viewer.opens("/roster?sort=-name")).text
    assert down.index("Yacouba") < down.index("Adama")
    assert "Rien à afficher" in (await viewer.opens("/roster?state=stopped")).text
    assert (await viewer.opens("/roster?page=99&sort=nothing&area=x")).status == 200


async def test_who_is_outside_her_area_is_not_there(comes: Comes) -> None:
    editor = await comes("editor", BLA)
    text = (await editor.opens("/roster")).text
    assert "Oumou Dembélé" in text
    assert "Nana Kassambara" not in text
    for path in (f"/roster/{NANA}", f"/roster/{NANA}/edit", "/roster/+22379999999"):
        assert (await editor.opens(path)).status == 404
    assert (await editor.sends(f"/roster/{NANA}/edit", name="X")).status == 404


async def test_a_sheet_is_shown_before_it_is_taken(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    await editor.opens("/roster/import")
    shown = await editor.sends("/roster/import", BAD.encode())
    assert shown.status == 200
    for line in (
        "Numéro : 7 chiffres au lieu de 8",
        "Fonction : « ascc » est inconnu",
        "n’est pas un mobile",
    ):
        assert line in shown.text
    assert "Oumou Dembélé Keïta" in shown.text
    assert (await house.contacts.get("+22370000091")) is None
    upload = shown.text.partition("/roster/import/")[2].partition('"')[0]
    taken = await editor.sends(f"/roster/import/{upload}")
    assert "La liste est enregistrée" in taken.text
    oumou = await house.contacts.get(OUMOU)
    assert oumou is not None
    assert oumou.name == "Oumou Dembélé Keïta"
    (changed,) = await notes(house, "contact.change")
    assert (changed.who, changed.subject) == ("editor-0", OUMOU)
    assert "Oumou Dembélé," in changed.before
    assert "n’est plus disponible" in (await editor.sends("/roster/import/nothing")).text


async def test_a_sheet_changes_nobody_outside_her_area(house: House, comes: Comes) -> None:
    editor = await comes("editor", BLA)
    await editor.opens("/roster/import")
    sheet = f"msisdn,name,role,org_unit\n{NANA},Nana,asc,SIRI\n{OUMOU},Oumou,asc,SIRI\n"
    shown = await editor.sends("/roster/import", sheet.encode())
    assert shown.text.count("hors de votre zone") == 2
    assert "ne change rien" in shown.text


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"name\nAwa\n", b'msisdn,name\n"7,x\n', b"msisdn,msisdn\n"]
)
async def test_what_is_no_sheet_is_said(comes: Comes, content: bytes) -> None:
    editor = await comes("editor")
    await editor.opens("/roster/import")
    assert (await editor.sends("/roster/import", content)).status == 200


async def test_one_person_is_changed_by_a_form(house: House, comes: Comes) -> None:
    editor = await comes("editor", BLA)
    await editor.opens(f"/roster/{OUMOU}/edit")
    said = {
        "name": "Oumou D.",
        "role": "asc",
        "org_unit": "DIARA",
        "language": "bm",
        "products": ["SRO", "ZIN"],
    }
    assert "C’est enregistré" in (await editor.sends(f"/roster/{OUMOU}/edit", **said, active="1")).text
    oumou = await house.contacts.get(OUMOU)
    assert oumou is not None
    assert (oumou.name, oumou.path, oumou.products) == ("Oumou D.", f"{BLA}/DIARA", ("SRO", "ZIN"))
    refused = await editor.sends(f"/roster/{OUMOU}/edit", **{**said, "org_unit": "SIRI"})
    assert (refused.status, "hors de votre zone" in refused.text) == (400, True)
    assert "Nom : vide" in (await editor.sends(f"/roster/{OUMOU}/edit", **{**said, "name": ""})).text


async def test_somebody_new_is_added_once(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    await editor.opens("/roster/new")
    said = {"msisdn": "70 00 00 95", "name": "Binta", "role": "asc", "org_unit": "FALO", "language": "fr"}
    assert (await editor.sends("/roster/new", **said, active="1")).path == "/admin/roster/+22370000095"
    assert [note.subject for note in await notes(house, "contact.add")] == ["+22370000095"]
    again = await editor.sends("/roster/new", **said)
    assert (again.status, "déjà dans la liste" in again.text) == (400, True)


async def test_what_goes_out_comes_in_and_is_noted(house: House, comes: Comes) -> None:
    editor = await comes("editor", BLA)
    taken = await editor.opens("/roster?format=csv&role=asc")
    rows = list(csv.DictReader(io.StringIO(taken.body.decode("utf-8-sig")), delimiter=";"))
    assert tuple(rows[0]) == COLUMNS
    assert OUMOU in {row["msisdn"] for row in rows}
    assert NANA not in {row["msisdn"] for row in rows}
    await editor.opens("/roster/import")
    assert "ne change rien" in (await editor.sends("/roster/import", taken.body)).text
    (note,) = await notes(house, "export")
    assert (note.who, note.subject) == ("editor-0", "roster.csv")


async def test_no_cell_of_a_download_is_computed(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    await editor.opens(f"/roster/{OUMOU}/edit")
    said = {"name": '=HYPERLINK("http://evil.example")', "role": "asc", "org_unit": "FALO", "language": "fr"}
    await editor.sends(f"/roster/{OUMOU}/edit", **said)
    as_csv = (await editor.opens("/roster?format=csv&q=hyperlink")).body.decode("utf-8-sig")
    assert "'=HYPERLINK" in as_csv
    with zipfile.ZipFile(io.BytesIO((await editor.opens("/roster?format=xlsx&q=hyperlink")).body)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()


@pytest.fixture
async def reported(house: House, stranger: Visitor) -> None:
    """Oumou and Nana report by SMS; Oumou corrects herself."""
    await Phone(stranger.client, stranger.url, OUMOU).writes("STOCK SRO 2 CTE 12", "a")
    await Phone(stranger.client, stranger.url, OUMOU).writes("CORRIGER SRO 9", "b")
    await Phone(stranger.client, stranger.url, NANA).writes("PRESENT", "c")


@pytest.mark.usefixtures("reported")
async def test_reports_are_of_her_area_newest_first(comes: Comes) -> None:
    everywhere, niono = await comes("viewer"), await comes("viewer", NIO)
    text = (await everywhere.opens("/reports")).text
    assert text.index("Nana Kassambara") < text.index("CORRIGER SRO 9") < text.index("STOCK SRO 2")
    assert "Oumou" not in (await niono.opens("/reports")).text
    assert "Nana" not in (await everywhere.opens("/reports?kind=stock")).text
    assert "Aucun rapport" in (await everywhere.opens("/reports?until=2020-01-01")).text
    assert "Aucun rapport" in (await everywhere.opens("/reports?since=2999-01-01")).text
    assert "Nana" in (await everywhere.opens("/reports?since=nonsense&before=x_y_z")).text
    taken = (await everywhere.opens("/reports?format=csv&kind=stock")).body.decode("utf-8-sig")
    assert len(taken.splitlines()) == 4


@pytest.mark.usefixtures("reported")
async def test_pages_go_on_where_the_last_one_ended(comes: Comes, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = await comes("viewer")
    for path in ("/reports", "/outbox"):
        seen, query = [], ""
        monkeypatch.setattr("bot.admin.looking.ON_A_PAGE", 1)
        for _ in range(9):
            text = (await viewer.opens(path + query)).text
            seen.append(text.partition("<tbody>")[2].partition("</tbody>")[0])
            query = text.partition('href="?before=')[2].partition('"')[0]
            if not query:
                break
            query = f"?before={query}"
        rows = [row for page in seen for row in page.split("<tr>")[1:]]
        monkeypatch.undo()
        whole = (await viewer.opens(path)).text.partition("<tbody>")[2].partition("</tbody>")[0]
        assert rows == whole.split("<tr>")[1:], path


@pytest.mark.usefixtures("reported")
async def test_the_outbox_is_searched_by_number_and_state(house: House, comes: Comes) -> None:
    await house.worker().once()
    everywhere, niono = await comes("viewer"), await comes("viewer", NIO)
    assert "SRO 2, CTE 12" in (await everywhere.opens("/outbox?q=70000002&state=delivered")).text
    assert "Aucun message" in (await everywhere.opens("/outbox?state=failed")).text
    assert "SRO" not in (await niono.opens("/outbox")).text


@pytest.mark.usefixtures("reported")
async def test_a_page_of_hers_tells_what_she_said_and_what_was_corrected(comes: Comes) -> None:
    viewer = await comes("viewer")
    text = (await viewer.opens(f"/roster/{OUMOU}")).text
    assert "Quantité : 9" in text
    assert text.count("Corrigé</span>") == 1
    assert "Corrigé : SRO 9 (avant 2)." in text
    assert "Modifier" not in text
    assert "<dd>CTE 12, SRO 9</dd>" in text
    assert "Oumou Dembélé" in (await viewer.opens("/roster/+22370000101")).text


@pytest.mark.usefixtures("reported")
async def test_a_new_number_is_shown_and_then_hers(house: House, comes: Comes) -> None:
    editor, elsewhere, viewer = await comes("editor", BLA), await comes("editor", NIO), await comes("viewer")
    shown = (await editor.opens(f"/roster/{OUMOU}/move")).text
    assert "alertes ouvertes (2)" in shown
    for said, why in (
        ("12", "ne se lit pas"),
        (NANA, "hors de votre zone"),
        (OUMOU, "déjà"),
        ("20 22 22 22", "téléphone mobile"),
    ):
        refused = await editor.sends(f"/roster/{OUMOU}/move", number=said, sure="1")
        assert (refused.status, why in refused.text) == (400, True), said
    await elsewhere.opens("/roster")
    assert (await elsewhere.sends(f"/roster/{OUMOU}/move", number="77112233", sure="1")).status == 404
    await viewer.opens("/me")
    assert (await viewer.sends(f"/roster/{OUMOU}/move", number="77112233", sure="1")).status == 403
    asked = await editor.sends(f"/roster/{OUMOU}/move", number="77 11 22 33")
    assert "Passer au +22377112233" in asked.text
    assert await house.contacts.get(OUMOU) is not None
    done = await editor.sends(f"/roster/{OUMOU}/move", number="+22377112233", sure="1")
    assert (done.path, "Le numéro est changé" in done.text) == ("/admin/roster/+22377112233", True)
    assert f"Stock · SMS · {OUMOU}" in done.text, "what she said under the old number is on her page"
    assert (await editor.opens(f"/roster/{OUMOU}")).path == "/admin/roster/+22377112233"
    (note,) = await notes(house, "contact.move")
    assert (note.who, note.before, note.after) == ("editor-0", OUMOU, "+22377112233")


@pytest.mark.usefixtures("reported")
async def test_two_rows_are_seen_side_by_side_and_made_one(house: House, comes: Comes) -> None:
    editor, elsewhere, viewer = await comes("editor", BLA), await comes("editor", NIO), await comes("viewer")
    await editor.opens("/roster/import")
    sheet = b"msisdn,name,role,org_unit\n70000096,DEMBELE Oumou,asc,FALO\n"
    previewed = await editor.sends("/roster/import", sheet)
    taken = re.search(r'action="/admin(/roster/import/[^"]+)"', previewed.text)
    assert taken is not None
    await editor.sends(taken[1])
    both = f"/roster/{OUMOU}/merge/+22370000096"
    assert f'/admin{both}"' in (await editor.opens("/roster/alike")).text
    assert "Aucune fiche" in (await elsewhere.opens("/roster/alike")).text
    shown = (await editor.opens(both)).text
    assert ("SRO 9" in shown, "Garder le +22370000096" in shown) == (True, True)
    assert (await elsewhere.opens(both)).status == 404
    assert (await viewer.opens(both)).status == 403
    await viewer.opens("/me")
    assert (await viewer.sends(both, kept=OUMOU)).status == 403
    await editor.opens(both)
    assert (await editor.sends(both, kept=NANA)).status == 400, "one of the two stays"
    done = await editor.sends(both, kept="+22370000096")
    assert (done.path, "n’en font plus qu’une" in done.text) == ("/admin/roster/+22370000096", True)
    assert await house.contacts.get(OUMOU) is None
    kept = await house.contacts.get("+22370000096")
    assert kept is not None
    assert (kept.name, kept.supervisor) == ("DEMBELE Oumou", "+22370000101"), (
        "what the row lacks comes from the other"
    )
    assert [one.before for one in await notes(house, "contact.merge")] == [OUMOU]
