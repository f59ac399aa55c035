"""The page of threats is whole: every address there is stands in it, and what it says is shown by a test there is."""

import re

from aiohttp import ClientSession

from bot.app import listening
from bot.house import House
from tests.admin.walk import everywhere
from tests.calls import AWA, Phone
from tests.conftest import ROOT

THREATS = (ROOT / "docs/threats.md").read_text("utf-8")


def test_every_row_is_shown_by_a_test_there_is() -> None:
    rows = [line.split(" | ") for line in THREATS.splitlines() if line.startswith("| ")]
    shown = [cells[-1] for cells in rows if "shown by" not in cells[-1]]
    assert len(shown) > 15
    for cell in shown:
        named = re.findall(r"`(tests/[\w/.]+|test_\w+)`", cell)
        assert named, cell
        for one in named:
            if one.startswith("tests/"):
                assert (ROOT / one).exists(), one
            else:
                assert any(
                    f"def {one}(" in path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")
                )


async def test_every_address_there_is_stands_in_it(house: House) -> None:
    """A door that somebody adds beside the console and the API is not open until it was thought about."""
    app = everywhere(house)
    found = {resource.canonical for resource in app.router.resources()}
    assert found >= {"/healthz", "/africastalking/ussd", "/admin", "/api/v1"}
    assert {path for path in found if f"`{path}" not in THREATS} == set()


async def test_what_anybody_may_ask_tells_of_nobody(house: House, client: ClientSession) -> None:
    async with listening(house, simulator=False) as url:
        await Phone(client, url).writes("STOCK SRO 5 CTE 3")
        for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"):
            async with client.get(f"{url}{path}") as answer:
                told = await answer.text()
            assert answer.status == 200, path
            assert AWA[4:] not in told
            assert "Aminata" not in told
