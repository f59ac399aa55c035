"""Africa's Talking: the one package that knows this provider."""

from aiohttp import web

from bot.channels import Port, Quick
from bot.channels.africastalking.callbacks import Callbacks
from bot.channels.africastalking.http_sender import HttpSender
from bot.channels.africastalking.sdk_sender import SdkSender
from bot.channels.africastalking.settings import Settings
from bot.messages import Sender

__all__ = ["Settings", "create"]

SDK_WIDTH = 16
"""Messages on their way at once through the library's few threads: they must not wait there for long."""


class AfricasTalking:
    name = "africastalking"

    def __init__(self, settings: Settings, sender: Sender) -> None:
        self._settings = settings
        self.sender = sender
        self.rate = settings.rate
        self.width = settings.concurrency if settings.sender == "http" else SDK_WIDTH
        self.sends = bool(settings.api_key or settings.api_url)

    def routes(self, port: Port) -> list[web.RouteDef]:
        return Callbacks(self._settings, port).routes()

    def quick(self, port: Port) -> dict[str, Quick]:
        return Callbacks(self._settings, port).quick()


def create(settings: Settings) -> AfricasTalking:
    """Make the channel; ValueError without a callback key: anybody could speak in any contact's name."""
    if not settings.callback_keys:
        raise ValueError("callback_key is empty: choose a long random word, and put it in the callback URLs")
    sender = SdkSender(settings) if settings.sender == "sdk" else HttpSender(settings)
    return AfricasTalking(settings, sender)
