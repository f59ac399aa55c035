"""Broadcasts at the console: composed, priced, sent after a yes, within one's area; told with their answers."""

import re
from typing import Any

import pytest

from bot.house import House
from tests.admin.conftest import Comes
from tests.admin.visitor import Answer, Visitor
from tests.calls import Phone

OUMOU = "+22370000002"
BLA = "ML/SEG/BLA"


async def composes(visitor: Visitor, file: bytes | None = None, /, **said: Any) -> Answer:
    await visitor.opens("/broadcasts/new")
    return await visitor.sends("/broadcasts/new", file, **{"fr": "Bonjour {name}", **said})


def upload(answer: Answer) -> str:
    found = re.search(r"/broadcasts/send/([^\"]+)", answer.text)
    assert found is not None, answer.text
    return found[0]


async def texts(house: House) -> dict[str, str]:
    """By reader, what waits to be said in French."""
    found = [line async for line in house.outbox.read() if line.kind == "broadcast"]
    return {line.to: line.id for line in found}


async def test_it_is_counted_and_priced_then_sent_once(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    priced = await composes(editor, unit=BLA, roles="asc", ask="Oui\nNon")
    reached = {
        one.msisdn
        async for one in house.contacts.contacts()
        if one.path.startswith(BLA) and one.role == "asc"
    }
    cost = house.settings.sms.cost_per_segment * len(reached)
    assert f"Envoyer à {len(reached)} personnes ({cost:.0f} FCFA)" in priced.text
    assert "1 Oui\n2 Non" in priced.text
    assert await texts(house) == {}
    address = upload(priced)
    sent = await editor.sends(address)
    assert (sent.status, "L’annonce part" in sent.text) == (200, True)
    assert (await texts(house)).keys() == reached
    assert (await editor.sends(address)).path == sent.path
    assert len(await texts(house)) == len(reached)
    noted = [one async for one in house.audit.newest() if one.what == "broadcast.send"]
    assert noted[0].who == "editor-0"
    assert f"{len(reached)} SMS" in noted[0].after


async def test_its_answers_are_counted(house: House, comes: Comes, stranger: Visitor) -> None:
    editor = await comes("admin")
    sent = await editor.sends(upload(await composes(editor, numbers=OUMOU, ask="Oui\nNon", urgent="1")))
    await house.worker().once()
    await Phone(stranger.client, stranger.url, OUMOU).writes("2", "a")
    text = (await editor.opens(sent.path.removeprefix("/admin"))).text
    assert re.search(r">Non</td><td[^>]*>1<", text)
    listed = (await editor.opens("/broadcasts")).text
    assert "Bonjour {name}" in listed
    assert "1 numéros d’une liste" in listed


async def test_who_has_an_area_writes_to_nobody_outside_it(house: House, comes: Comes) -> None:
    bla, niono = await comes("editor", BLA), await comes("viewer", "ML/SEG/NIO")
    outside = await composes(bla, unit="ML/SEG/NIO", roles="asc")
    assert "/broadcasts/send/" not in outside.text
    sent = await bla.sends(upload(await composes(bla)))
    for number in await texts(house):
        one = await house.contacts.get(number)
        assert one is not None
        assert one.path.startswith(BLA)
    address = sent.path.removeprefix("/admin")
    assert (await niono.opens(address)).status == 404
    assert "Bonjour" not in (await niono.opens("/broadcasts")).text
    assert (await bla.opens("/broadcasts/nothing")).status == 404


async def test_what_changed_since_it_was_priced_is_shown_again(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    address = upload(await composes(editor, unit=BLA))
    await house.contacts.change(OUMOU, stopped="1")
    again = await editor.sends(address)
    assert "Les chiffres ont changé" in again.text
    assert "a demandé à ne plus recevoir" in again.text
    assert await texts(house) == {}
    assert (await editor.sends(upload(again))).path.startswith("/admin/broadcasts/")
    assert OUMOU not in await texts(house)
    assert "La page a expiré" in (await editor.sends("/broadcasts/send/nothing")).text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "Dites à qui"),
        ({"fr": "", "roles": "asc"}, "le message est vide"),
        ({"fr": "Bonjour {nom}", "roles": "asc"}, "« nom » n’est pas connu ici ; {name}"),
        ({"fr": "Bonjour {", "roles": "asc"}, "Ne peut pas être envoyé"),
        ({"fr": "x" * 800, "roles": "asc"}, "trop long"),
        ({"roles": "asc", "ask": "Oui"}, "de 2 à 9 réponses"),
        ({"roles": "asc", "ask": "Oui\nOUI"}, "deux réponses sont les mêmes"),
        ({"roles": "asc", "ask": "Oui\nSTOP"}, "« STOP » serait pris"),
        ({"roles": "asc", "ask": "Oui\n12"}, "« 12 » n’est pas un mot"),
        ({"roles": "asc", "ask_bm": "Awo\nAyi"}, "aussi les réponses en français"),
        ({"roles": "asc", "ask": "Oui\nNon", "ask_bm": "Awo\nAyi\nX"}, "autant de réponses"),
        ({"numbers": "+223 70 00 00"}, "Ligne 1 : 6 chiffres"),
        ({"numbers": "numéro"}, "Ligne 1 : "),
        ({"numbers": "+22379999999"}, "Personne ne correspond"),
        ({"unit": "ML/NO"}, "Ne peut pas être envoyé"),
    ],
)
async def test_what_cannot_be_sent_is_said(comes: Comes, said: dict[str, str], why: str) -> None:
    answer = await composes(await comes("editor"), None, **said)
    assert why in answer.text
    assert "/broadcasts/send/" not in answer.text


async def test_a_list_may_be_a_file_and_all_can_be_changed_again(comes: Comes) -> None:
    admin = await comes("admin")
    priced = await composes(admin, f"numéro,nom\n{OUMOU},Oumou\n".encode(), urgent="1", ask="Oui\nNon")
    assert "part tout de suite" in priced.text
    assert "Envoyer à 1 personnes" in priced.text
    again = await admin.sends("/broadcasts/new", fr="Salut", numbers=OUMOU, who_has_not="checkin", again="1")
    assert (again.path, ">Salut</textarea>" in again.text) == ("/admin/broadcasts/new", True)


async def test_only_an_administrator_may_wake_people(comes: Comes) -> None:
    priced = await composes(await comes("editor"), roles="asc", urgent="1")
    assert "part tout de suite" not in priced.text
