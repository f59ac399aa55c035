"""A channel without a network, for demonstrations: its phone reads the outbox."""

from aiohttp import web
from msgspec import Struct

from bot.channels import Port
from bot.messages import Outbound, Receipt, Sender


class Settings(Struct, frozen=True, forbid_unknown_fields=True): ...


class Simulator:
    name = "simulator"
    rate = 0.0
    width = 256
    sends = True

    def __init__(self) -> None:
        self.sender: Sender = Nowhere()

    def routes(self, port: Port) -> list[web.RouteDef]:  # noqa: ARG002 - nobody calls back
        return []


class Nowhere:
    async def send(self, messages: list[Outbound]) -> list[Receipt]:
        return [Receipt("delivered", provider_id=f"simulator:{message.id}") for message in messages]

    async def close(self) -> None: ...


def create(_: Settings) -> Simulator:
    return Simulator()
