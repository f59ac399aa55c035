"""A phone as Africa's Talking relays it: one call at a time, or any request by itself, any number of times."""

from uuid import uuid4

from aiohttp import ClientSession

KEY = "sandbox"
AWA = "+22370000001"


class Phone:
    """A handset behind Africa's Talking: keeps the transcript of its call as the provider does."""

    def __init__(self, client: ClientSession, url: str, msisdn: str = AWA) -> None:
        self.client, self.url, self.msisdn = client, url, msisdn
        self.session = ""
        self.typed: list[str] = []

    async def dials(self, session: str = "", *, deep: str = "") -> str:
        self.session = session or f"ATUid_{uuid4().hex}"
        self.typed = [deep] if deep else []
        return await self.asks("*".join(self.typed))

    async def types(self, *inputs: str) -> str:
        shown = ""
        for text in inputs:
            self.typed.append(text)
            shown = await self.asks("*".join(self.typed))
        return shown

    async def asks(self, text: str, session: str = "") -> str:
        """One USSD request with this transcript; the whole body."""
        form = {
            "sessionId": session or self.session,
            "serviceCode": "*123#",
            "phoneNumber": self.msisdn,
            "networkCode": "61002",
            "text": text,
        }
        return await self.posts("ussd", form)

    async def writes(self, text: str, name: str = "") -> str:
        form = {
            "from": self.msisdn,
            "to": "36123",
            "text": text,
            "id": name or uuid4().hex,
            "date": "2026-11-21 09:12:00",
        }
        return await self.posts("sms", form)

    async def posts(self, callback: str, form: dict[str, str]) -> str:
        async with self.client.post(f"{self.url}/africastalking/{callback}?key={KEY}", data=form) as response:
            body = await response.text()
            assert response.status == 200, (response.status, body)
            return body
