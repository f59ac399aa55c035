"""Tokens of other systems at the console: made, shown once, taken back; for administrators only."""

import re

from bot.house import House
from tests.admin.conftest import Comes

TEXT = re.compile(r"<code>(kunnafoni\.[^<]+)</code>")


async def test_a_token_is_made_shown_once_and_taken_back(house: House, comes: Comes) -> None:
    admin = await comes("admin")
    await admin.opens("/tokens")
    made = await admin.sends("/tokens", name="DHIS2", scope=["reports:read"], area="ML/SEG/BLA")
    found = TEXT.search(made.text)
    assert found is not None
    token = await house.admission.whose(found[1])
    assert token is not None
    assert (token.scopes, token.area, token.by) == (("reports:read",), "ML/SEG/BLA", "admin-0")
    listed = await admin.opens("/tokens")
    assert "DHIS2" in listed.text
    for part in (found[1].rpartition(".")[2], token.secret):
        assert part not in listed.text + (await admin.opens(f"/tokens/{token.id}")).text
    assert "Le jeton est révoqué" in (await admin.sends(f"/tokens/{token.id}")).text
    assert await house.admission.whose(found[1]) is None
    assert "révoqué" in (await admin.opens(f"/tokens/{token.id}")).text
    noted = [note.what async for note in house.audit.newest() if note.what.startswith("token")]
    assert noted == ["token.revoke", "token.add"]


async def test_a_token_without_name_scope_or_place_is_refused(house: House, comes: Comes) -> None:
    admin = await comes("admin")
    await admin.opens("/tokens")
    assert "au moins une chose" in (await admin.sends("/tokens", name="X")).text
    assert "au moins une chose" in (await admin.sends("/tokens", name="X", scope="all")).text
    assert "le nom du système" in (await admin.sends("/tokens", name=" ", scope="reports:read")).text
    assert (await admin.sends("/tokens", name="X", scope="reports:read", area="ML/NO")).status == 400
    assert (await admin.opens("/tokens/nothing")).status == 404
    assert await house.admission.tokens.every() == []
