"""One message at the console: not sent after all, or sent once more; never what may have arrived."""

from urllib.parse import quote

from bot.house import House
from bot.store.outbox import Body, message
from tests.admin.conftest import Comes

OUMOU = "+22370000002"
KINDS = ("alert", "reminder")


async def queued(house: House, kind: str) -> str:
    name = f"{kind}:1:{OUMOU}"
    await house.outbox.queue(
        [message(name, Body(to=OUMOU, kind=kind, text="Bonjour", urgent=False), house.clock())]
    )
    return name


async def state(house: House, name: str) -> str:
    line = await house.outbox.find(name)
    assert line is not None
    return line.state


async def test_what_waits_is_cancelled_and_sent_after_all(house: House, comes: Comes) -> None:
    editor = await comes("editor", "ML/SEG/BLA")
    for kind in KINDS:
        name = await queued(house, kind)
        assert "Ne pas envoyer" in (await editor.opens(f"/outbox/message?id={quote(name)}")).text
        assert "Annulé" in (await editor.sends("/outbox/message", None, id=name, deed="cancel")).text
        assert await state(house, name) == "cancelled"
        later = house.clock() + 10**7
        waiting = await house.outbox.waiting(later, "202611")
        assert {lane: sum(due) for lane, due in waiting.due.items() if sum(due)} == {}
        assert "Trop tard" in (await editor.sends("/outbox/message", None, id=name, deed="cancel")).text
        await editor.sends("/outbox/message", None, id=name, deed="again")
        assert await state(house, name) == "queued"
        assert sum(map(sum, (await house.outbox.waiting(later, "202611")).due.values())) == 1
        assert "Trop tard" in (await editor.sends("/outbox/message", None, id=name, deed="again")).text
        await editor.sends("/outbox/message", None, id=name, deed="cancel")
    noted = [one.what async for one in house.audit.newest() if one.what.startswith("outbox")]
    assert len(noted) == 10


async def test_what_a_worker_holds_is_left_to_it(house: House, comes: Comes) -> None:
    editor = await comes("editor")
    name = await queued(house, "reminder")
    now = house.clock() + 1
    waiting = await house.outbox.waiting(now, "202611")
    (held,) = await house.outbox.claim(now, 60_000, {":reminder": 1}, waiting)
    assert held.id == name
    await editor.opens(f"/outbox/message?id={quote(name)}")
    assert "Trop tard" in (await editor.sends("/outbox/message", None, id=name, deed="cancel")).text
    assert await state(house, name) == "queued"


async def test_only_messages_of_her_area_are_hers(house: House, comes: Comes) -> None:
    niono, viewer = await comes("editor", "ML/SEG/NIO"), await comes("viewer")
    name = await queued(house, "reminder")
    for who, status in ((niono, 404), (viewer, 200)):
        seen = await who.opens(f"/outbox/message?id={quote(name)}")
        assert (seen.status, "Ne pas envoyer" in seen.text) == (status, False)
    await niono.opens("/me")
    assert (await niono.sends("/outbox/message", None, id=name, deed="cancel")).status == 404
    assert (await (await comes("editor")).opens("/outbox/message?id=nothing")).status == 404
    assert await state(house, name) == "queued"
