"""Both senders, and what tests say of what they send."""

from collections.abc import Callable
from typing import Final

import pytest

from bot.channels.africastalking import Settings
from bot.channels.africastalking.http_sender import HttpSender
from bot.channels.africastalking.sdk_sender import SdkSender
from bot.messages import Outbound, Sender, SendError
from tests.standin import StandIn

AWA, BINTA, COUMBA = "+22376000001", "+22376000002", "+22376000003"
KINDS: Final[dict[str, Callable[[Settings, float], Sender]]] = {"sdk": SdkSender, "http": HttpSender}
IN_TIME, IMPATIENT = 30.0, 0.3  # seconds


def settings(standin: StandIn, sender_id: str = "") -> Settings:
    return Settings(
        username=standin.username, api_key=standin.api_key, api_url=standin.url, sender_id=sender_id
    )


def message(number: str = AWA, text: str = "I ni sògòma", id_: str = "") -> Outbound:
    return Outbound(id_ or f"test:{number}", number, text)


def what_to_do(lost: SendError) -> str:
    flags = (lost.retryable, lost.operator, lost.unknown)
    return {
        (True, False, False): "later",
        (True, True, False): "operator",
        (False, False, True): "in doubt",
    }[flags]


async def error_of(sender: Sender, *messages: Outbound) -> SendError:
    with pytest.raises(SendError) as caught:
        await sender.send(list(messages))
    return caught.value
