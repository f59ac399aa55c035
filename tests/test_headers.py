"""What a browser is told of each page we show: nothing foreign runs in it, nothing frames it, nothing is guessed."""

import pytest
from aiohttp import ClientSession

from bot.app import listening
from bot.house import House


@pytest.mark.parametrize("path", ["/admin/phone", "/admin", "/admin/sign-in", "/admin/nowhere"])
async def test_every_page_says_what_may_run_in_it(path: str, house: House, client: ClientSession) -> None:
    async with listening(house, simulator=True) as url, client.get(f"{url}{path}") as response:
        if "html" in response.headers["Content-Type"]:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy or "default-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"]
        else:
            assert response.status in (403, 404)
