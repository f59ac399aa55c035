"""Sends through the official SDK, which blocks and is not thread-safe: a few threads, each with its own."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Final

from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService
from requests import RequestException
from urllib3.exceptions import MaxRetryError

from bot.channels.africastalking import messaging
from bot.channels.africastalking.settings import Settings
from bot.messages import Outbound, Receipt, SendError

_THREADS: Final = 4
_CONNECT_S: Final = 3.05  # the SDK's own
_GATEWAY_TIMEOUT: Final = re.compile(r"504 gateway time-?out", re.IGNORECASE)


class _Service(SMSService):  # type: ignore[misc]  # the SDK has no types
    """The SDK's address is fixed but for this one place."""

    def __init__(self, settings: Settings) -> None:
        self._version1 = settings.version1
        super().__init__(settings.username, settings.api_key)

    def _init_service(self) -> None:
        super()._init_service()
        self._baseUrl = self._version1


class SdkSender:
    def __init__(self, settings: Settings, timeout_s: float = 8.0) -> None:
        self._settings = settings
        self._timeout = (min(_CONNECT_S, timeout_s), timeout_s)
        self._of_thread = local()
        self._threads = ThreadPoolExecutor(_THREADS, "africastalking", initializer=self._equip)

    async def send(self, messages: list[Outbound]) -> list[Receipt]:
        return await messaging.send(messages, self._ask)

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)

    def _equip(self) -> None:
        self._of_thread.service = _Service(self._settings)

    async def _ask(self, text: str, numbers: list[str]) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._post, text, numbers)

    def _post(self, text: str, numbers: list[str]) -> object:
        sender_id = self._settings.sender_id or None
        try:
            return self._of_thread.service.send(text, numbers, sender_id, timeout=self._timeout)
        except AfricasTalkingException as said:  # it keeps the status code to itself
            if _GATEWAY_TIMEOUT.search(str(said)):
                raise messaging.in_doubt("504: somebody before the API lost its patience") from said
            raise messaging.refused(str(said), operator=messaging.NOT_AUTHORISED in str(said)) from said
        except RequestException as broken:
            raise _broken(broken) from broken


def _broken(error: RequestException) -> SendError:
    """Tell what never left (urllib3 wraps that, and only that, in MaxRetryError) from what may have."""
    never_left = bool(error.args) and isinstance(error.args[0], MaxRetryError)
    return messaging.refused(str(error)) if never_left else messaging.in_doubt(str(error))
