"""Overview and alerts at the console: counted as they are, answered as leaders do, each only of one's own area."""

import pytest

from bot.accounts import Note
from bot.house import House
from tests.admin.conftest import Comes
from tests.admin.visitor import Visitor
from tests.calls import Phone

OUMOU, NANA, FANTA, RAMATA = "+22370000002", "+22370000015", "+22370000101", "+22370000103"
"""ASC of Bla and of Niono, and the heads of their health centres."""
BLA = "ML/SEG/BLA"


@pytest.fixture
async def numbers(house: House, stranger: Visitor) -> dict[str, int]:
    """Oumou and Nana have run out of something."""
    await Phone(stranger.client, stranger.url, OUMOU).writes("STOCK SRO 0", "a")
    await Phone(stranger.client, stranger.url, NANA).writes("STOCK CTE 0", "b")
    return {line.msisdn: line.number async for line in house.alerts.read()}


async def notes(house: House, what: str) -> list[Note]:
    return [note async for note in house.audit.newest() if note.what == what]


async def test_the_overview_counts_her_area_only(
    comes: Comes, stranger: Visitor, numbers: dict[str, int]
) -> None:
    await Phone(stranger.client, stranger.url, OUMOU).writes("PRESENT", "c")
    assert len(numbers) == 2
    everywhere = (await (await comes("viewer")).opens("/")).text
    assert "Présences du jour" in everywhere
    assert 'class="figure">1</span>' in everywhere
    assert 'class="figure">2</span>sans réponse' in everywhere
    assert "CTA enfant" in everywhere
    assert everywhere.count("<svg") >= 5
    own = (await (await comes("viewer", BLA)).opens("/")).text
    assert 'class="figure">1</span>sans réponse' in own
    assert "1 ASC sur 1" in own
    assert "CTA enfant" not in own


async def test_alerts_are_filtered_and_taken_out(comes: Comes, numbers: dict[str, int]) -> None:
    viewer = await comes("viewer")
    text = (await viewer.opens("/alerts?state=open&kind=stockout&age=day")).text
    assert {f"/admin/alerts/{number}" in text for number in numbers.values()} == {True}
    assert "Aucune alerte" in (await viewer.opens("/alerts?age=more")).text
    assert "Aucune alerte" in (await viewer.opens("/alerts?state=resolved")).text
    taken = (await viewer.opens(f"/alerts?format=csv&area={BLA}")).body.decode("utf-8-sig")
    assert "Oumou" in taken
    assert "Nana" not in taken


async def test_an_alert_is_acknowledged_then_resolved(
    house: House, comes: Comes, numbers: dict[str, int]
) -> None:
    editor, path = await comes("editor", BLA), f"/alerts/{numbers[OUMOU]}"
    assert "Signalée : Oumou Dembélé" in (await editor.opens(path)).text
    text = (await editor.sends(path, deed="acknowledge")).text
    assert "C’est enregistré" in text
    assert "Prise en charge par editor-0" in text
    again = await editor.sends(path, deed="reassign", leader="+22379999999")
    assert (again.status, "Choisissez un responsable" in again.text) == (409, True)
    assert "Résolue : editor-0" in (await editor.sends(path, deed="resolve")).text
    late = await editor.sends(path, deed="acknowledge")
    assert (late.status, "a changé entre-temps" in late.text) == (409, True)
    assert (await editor.sends(path, deed="dance")).status == 400
    alert = await house.alerts.get(numbers[OUMOU])
    assert alert is not None
    assert (alert.state, alert.acknowledged_name) == ("resolved", "editor-0")
    assert [note.subject for note in await notes(house, "alert.resolve")] == [f"{numbers[OUMOU]}"]
    assert "Résolue" in (await editor.opens("/alerts?state=resolved")).text


async def test_an_alert_is_given_to_somebody_who_is_told(
    house: House, comes: Comes, numbers: dict[str, int]
) -> None:
    editor, path = await comes("editor"), f"/alerts/{numbers[OUMOU]}"
    await editor.opens(path)
    await editor.sends(path, deed="acknowledge")
    text = (await editor.sends(path, deed="reassign", leader=RAMATA)).text
    assert "Confiée à Dr Ramata Guindo par editor-0" in text
    alert = await house.alerts.get(numbers[OUMOU])
    assert alert is not None
    assert (alert.state, alert.holder, alert.acknowledged) == ("open", RAMATA, 0)
    assert numbers[OUMOU] in {one.number for one in await house.alerts.held_by(RAMATA)}
    written = [line async for line in house.outbox.read() if line.to == RAMATA]
    assert [line.kind for line in written] == ["alert"]
    await house.alerts.resolve(alert.number, FANTA, "Fanta", 1)
    assert not await house.alerts.reassign(alert, 0, FANTA, 1, None, "x")
    assert [note.after for note in await notes(house, "alert.reassign")] == [RAMATA]


async def test_a_comment_stays_with_the_alert(house: House, comes: Comes, numbers: dict[str, int]) -> None:
    editor, path = await comes("editor"), f"/alerts/{numbers[NANA]}"
    await editor.opens(path)
    assert "Le commentaire est vide" in (await editor.sends(path, deed="comment", text=" ")).text
    assert "Livraison demain" in (await editor.sends(path, deed="comment", text="Livraison demain")).text
    assert [note.after for note in await notes(house, "alert.comment")] == ["Livraison demain"]
    assert not await house.alerts.comment(640_000, 1, "x", "y")


async def test_an_alert_outside_her_area_is_not_there(comes: Comes, numbers: dict[str, int]) -> None:
    editor = await comes("editor", BLA)
    await editor.opens("/alerts")
    for path in (f"/alerts/{numbers[NANA]}", "/alerts/640000", "/alerts/x"):
        assert (await editor.opens(path)).status == 404
        assert (await editor.sends(path, deed="resolve")).status == 404
    viewer = await comes("viewer", BLA)
    assert "Prendre en charge" not in (await viewer.opens(f"/alerts/{numbers[OUMOU]}")).text
    assert (await viewer.sends(f"/alerts/{numbers[OUMOU]}", deed="resolve")).status == 403
