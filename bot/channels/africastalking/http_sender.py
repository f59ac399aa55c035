"""Sends over one pool of connections; the form is the official SDK's, byte for byte."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)

from bot.channels.africastalking import messaging
from bot.channels.africastalking.settings import Settings
from bot.messages import Outbound, Receipt

_CONNECT_S: Final = 3.05  # the SDK's own
_IDLE_S: Final = 4.0
"""Shorter than a server keeps a connection (5 s is common): closed under a request, it leaves a doubt."""


_LONGEST: Final = 1 << 20
"""Bytes of an answer; one about a hundred numbers has some twenty thousand."""


class HttpSender:
    def __init__(self, settings: Settings, timeout_s: float = 8.0) -> None:
        self._url = f"{settings.version1}/messaging"
        self._username = settings.username
        self._from = {"from": settings.sender_id} if settings.sender_id else {}
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "apiKey": settings.api_key,
        }
        self._connections = settings.concurrency
        self._timeout = ClientTimeout(total=timeout_s, connect=min(_CONNECT_S, timeout_s / 2))
        self._session: ClientSession | None = None

    async def send(self, messages: list[Outbound]) -> list[Receipt]:
        return await messaging.send(messages, self._ask)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _connected(self) -> ClientSession:
        """Open the session with the first message: it belongs to a running loop."""
        if self._session is None:
            connector = TCPConnector(limit=self._connections, keepalive_timeout=_IDLE_S)
            self._session = ClientSession(connector=connector, timeout=self._timeout, headers=self._headers)
        return self._session

    async def _ask(self, text: str, numbers: list[str]) -> object:
        form = {"username": self._username, "to": ",".join(numbers), "message": text, "bulkSMSMode": 1}
        body = urlencode(form | self._from).encode()
        try:
            async with self._connected().post(self._url, data=body, allow_redirects=False) as response:
                answer = await _read(response)
        except (ClientConnectorError, ConnectionTimeoutError) as nobody:
            raise messaging.refused(str(nobody)) from nobody
        except (ClientError, TimeoutError) as silence:
            raise messaging.in_doubt(str(silence) or "no answer in time") from silence
        if response.status == HTTPStatus.GATEWAY_TIMEOUT:
            raise messaging.in_doubt("504: somebody before the API lost its patience")
        if not 200 <= response.status < 300:
            ours = response.status < 500 and response.status != HTTPStatus.TOO_MANY_REQUESTS
            raise messaging.refused(f"{response.status} {answer.decode(errors='replace')}", operator=ours)
        return answer


async def _read(response: ClientResponse) -> bytes:
    """The answer, unpacked. Raises SendError for one that does not end: what it says of our messages is not known."""
    found = bytearray()
    async for piece in response.content.iter_any():
        found += piece
        if len(found) > _LONGEST:
            raise messaging.in_doubt(f"an answer longer than {_LONGEST} bytes")
    return bytes(found)
