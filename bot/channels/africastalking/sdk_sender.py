"""Sends through the official SDK, which blocks and is not thread-safe: a few threads, each with its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import local
from typing import Final

from bot.channels.africastalking import messaging
from bot.channels.africastalking.settings import Settings
from bot.messages import Outbound, Receipt

_THREADS: Final = 4
_CONNECT_S: Final = 3.05  # the SDK's own


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
        sdk = import_module("bot.channels.africastalking.sdk")
        self._of_thread.service = sdk.Service(self._settings, self._timeout)

    async def _ask(self, text: str, numbers: list[str]) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._post, text, numbers)

    def _post(self, text: str, numbers: list[str]) -> object:
        answer: object = self._of_thread.service.post(text, numbers)
        return answer
