"""Trainings at the console: planned, people invited after a count, attendance noted, and only of one's own area."""

import csv
import io
import re

import pytest

from bot.house import House
from tests.admin.conftest import Comes
from tests.admin.sheets import drawn
from tests.admin.visitor import Visitor

OUMOU, NANA = "+22370000002", "+22370000015"
BLA, NIO = "ML/SEG/BLA", "ML/SEG/NIO"
SAID = {"topic": "malaria", "place": "CSCom de Falo", "begins": "2999-11-30T08:00", "state": "planned"}
ID = "F-2999-11-30"


async def planned(visitor: Visitor, **said: str) -> None:
    await visitor.opens("/trainings/new")
    assert "C’est enregistré" in (await visitor.sends("/trainings/new", **{**SAID, **said})).text


async def invites(visitor: Visitor, **said: str) -> None:
    await visitor.opens(f"/trainings/{ID}")
    asked = await visitor.sends(f"/trainings/{ID}/invite", **said)
    assert "Rien n’est encore envoyé" in asked.text
    done = await visitor.sends(f"/trainings/{ID}/invite", **said, sure="1")
    assert "Les invitations partent" in done.text


async def invited(house: House) -> set[str]:
    session = await house.planner.session(ID)
    assert session is not None
    return {one.msisdn for one in await house.planner.listed(session)}


async def test_one_is_planned_and_its_group_invited_once(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    await planned(editor)
    await planned(editor)
    assert {ID, f"{ID}-2"} <= (await house.trainings.sessions()).keys()
    assert "Falo" in (await editor.opens("/trainings?q=falo")).text
    await editor.opens(f"/trainings/{ID}")
    await editor.sends(f"/trainings/{ID}/invite", unit=BLA, roles="asc")
    assert await invited(house) == set()
    for _ in range(2):
        await invites(editor, unit=BLA, roles="asc")
    people = [one async for one in house.contacts.contacts()]
    assert await invited(house) == {
        one.msisdn for one in people if one.path.startswith(BLA) and one.role == "asc"
    }
    told = [line.to async for line in house.outbox.read() if line.id.startswith(f"reminder:invitation:{ID}")]
    assert sorted(told) == sorted(await invited(house))
    noted = [one.what async for one in house.audit.newest() if one.what.startswith("training")]
    assert noted == ["training.invite"] * 2 + ["training.add"] * 2


async def test_who_came_is_noted_by_the_page_and_by_the_list(house: House, comes: Comes) -> None:
    editor, viewer = await comes("editor"), await comes("viewer")
    await planned(editor)
    await invites(editor, numbers=f"{OUMOU}\n{NANA}")
    saved = await editor.sends(f"/trainings/{ID}/attendance", **{f"came.{OUMOU}": "yes", f"came.{NANA}": ""})
    assert "C’est enregistré" in saved.text
    taken = await viewer.opens(f"/trainings/{ID}?format=csv")
    rows = list(csv.DictReader(io.StringIO(taken.body.decode("utf-8-sig")), delimiter=";"))
    assert {row["msisdn"]: row["attended"] for row in rows} == {OUMOU: "yes", NANA: ""}
    filled = f"msisdn;attended\n{NANA};non\n{OUMOU};peut-être\n+22370000001;oui\n"
    said = await editor.sends(f"/trainings/{ID}/attendance", filled.encode())
    assert "Ligne 3 : Présence : oui ou non" in said.text
    assert "Ligne 4 : +22370000001 n’est pas invité" in said.text
    text = (await viewer.opens(f"/trainings/{ID}")).text
    assert "présent" in text
    assert "absent" in text
    assert 'name="came.' not in text


async def test_a_change_is_told_to_those_invited(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    await planned(editor)
    await invites(editor, numbers=OUMOU)
    await editor.opens(f"/trainings/{ID}/edit")
    await editor.sends(f"/trainings/{ID}/edit", **{**SAID, "place": "Mairie de Bla"})
    await editor.sends(f"/trainings/{ID}/edit", **{**SAID, "state": "cancelled"})
    kinds = {line.id.split(":")[1] async for line in house.outbox.read() if f":{ID}:" in line.id}
    assert kinds == {"invitation", "moved", "cancelled"}
    await editor.opens(f"/trainings/{ID}")
    assert "plus d’invitations" in (await editor.sends(f"/trainings/{ID}/invite", roles="asc")).text


async def test_only_her_area_is_seen_invited_and_changed(house: House, comes: Comes) -> None:
    everywhere, bla = await comes("editor"), await comes("editor", BLA)
    await planned(bla)
    await invites(bla, roles="asc")
    for number in await invited(house):
        one = await house.contacts.get(number)
        assert one is not None
        assert one.path.startswith(BLA)
    assert (await bla.opens(f"/trainings/{ID}/edit")).status == 200
    await invites(everywhere, numbers=NANA)
    text = (await bla.opens(f"/trainings/{ID}")).text
    assert "Oumou" in text
    assert "Nana" not in text
    assert (await bla.opens(f"/trainings/{ID}/edit")).status == 403
    assert (await bla.sends(f"/trainings/{ID}/edit", **SAID)).status == 403
    refused = await bla.sends(f"/trainings/{ID}/attendance", f"msisdn,attended\n{NANA},oui\n".encode())
    assert "n’est pas invité" in refused.text
    assert (await bla.sends("/trainings/sheet", b"id\n")).status == 403


async def test_a_sheet_goes_out_and_comes_in(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    await planned(editor)
    sheet = (await editor.opens("/trainings?format=csv")).body
    again = await editor.sends("/trainings/sheet", sheet)
    assert "sans changement" in again.text
    assert "ne change rien" in again.text
    bad = "id,topic,place,begins\nX Y,a,b,2999-01-01T08:00\nA,a,,2999-01-01T08:00\nB,a,b,demain\n"
    moved = f"C,paludisme,CSCom,2999-01-01T08:00\n{ID},malaria,CSRef,2999-11-30T08:00\n"
    page = await editor.sends("/trainings/sheet", f"{bad}{moved}".encode())
    shown, listed = page.text, drawn(page)
    assert listed is not None
    for row, (line, why) in enumerate((("2", "Référence"), ("3", "Lieu : vide"), ("4", "Commence le"))):
        assert (listed.rows[row][:2], why in listed.rows[row][5]) == (["À revoir", line], True)
    assert listed.rows[3:] == [
        ["Modification", "", ID, "Lieu", "CSCom de Falo", "CSRef"],
        ["Nouvelle ligne", "", "C", "", "", "paludisme · CSCom · 01/01/2999 08:00"],
    ]
    assert "prévenu par SMS" in shown
    held = await house.trainings.sessions()
    assert ("C" in held, held[ID].place) == (False, "CSCom de Falo"), "nothing is done yet"
    taken = re.search(r'action="/admin(/trainings/sheet/[^"]+)"', shown)
    assert taken is not None
    done = (await editor.sends(taken[1])).text
    for why in ("Ligne 2 : Référence", "Ligne 3 : Lieu : vide", "Ligne 4 : Commence le"):
        assert why in done
    held = await house.trainings.sessions()
    assert ("A" in held, "C" in held, held[ID].place) == (False, True, "CSRef")
    assert "plus disponible" in (await editor.sends("/trainings/sheet/nothing")).text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"place": ""}, "Lieu : vide"),
        ({"place": "x" * 31}, "plus de 30 lettres"),
        ({"begins": ""}, "donnez le jour et l’heure"),
        ({"ends": "2999-01-01"}, "avant le début"),
        ({"quiz": "nothing"}, "n’existe pas"),
    ],
)
async def test_what_cannot_be_planned_is_said(comes: Comes, said: dict[str, str], why: str) -> None:
    editor = await comes("editor")
    await editor.opens("/trainings/new")
    refused = await editor.sends("/trainings/new", None, **{**SAID, **said})
    assert (refused.status, why in refused.text) == (400, True)


async def test_nobody_is_invited_by_an_empty_form(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    await planned(editor)
    assert "Dites qui inviter" in (await editor.sends(f"/trainings/{ID}/invite")).text
    odd = await editor.sends(f"/trainings/{ID}/invite", numbers="12\n+22379999999")
    assert "Ligne 1" in odd.text
    assert "Personne ne correspond" in odd.text
    assert (await editor.opens("/trainings/nothing")).status == 404
    assert await invited(house) == set()
