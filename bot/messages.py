"""What travels between channels, gateway and outbox. All of it frozen; every number is E.164 (`+22376123456`)."""

from typing import Literal, Protocol

from msgspec import Struct

Bearer = Literal["ussd", "sms"]
SendState = Literal["sent", "delivered", "failed", "unknown"]


class Inbound(Struct, frozen=True, gc=False):
    """One thing a phone said (MO)."""

    channel: str
    bearer: Bearer
    id: str
    """USSD: the provider's session id, the same for a whole call. SMS: the provider's message id."""
    msisdn: str
    text: str
    """USSD: all that was typed in this call so far, joined by `*`; empty when she dials. SMS: the message."""
    service_code: str = ""
    network: str = ""


class Reply(Struct, frozen=True, gc=False):
    """What the phone shows. `ends` closes the call."""

    text: str
    ends: bool


class Outbound(Struct, frozen=True):
    """One SMS to send (MT); `id` is made from its cause, so the same cause never makes two."""

    id: str
    msisdn: str
    text: str
    urgent: bool = False


class Receipt(Struct, frozen=True):
    """What the provider said when it took, or refused, one message."""

    state: SendState
    provider_id: str = ""
    cost: str = ""
    """As the provider writes it: `XOF 12.0000`."""
    parts: int = 0
    reason: str = ""
    stop: bool = False
    """The provider holds this number as opted out."""
    retryable: bool = False
    """Refused, but may be taken later."""
    operator: bool = False
    """Somebody must act first (credit, sender id)."""


class DeliveryReport(Struct, frozen=True):
    """What became of a message, as told later: any number of times, in any order."""

    provider_id: str
    msisdn: str
    status: str
    """The provider's own word, kept even when we do not know it."""
    state: SendState | None
    """None: a word that says nothing final, or that we do not know."""
    reason: str = ""


class SendError(Exception):
    """The network's fault. `retryable`: try again later; `operator`: somebody must act first (credit, sender id)."""

    def __init__(
        self, reason: str, *, retryable: bool, operator: bool = False, unknown: bool = False
    ) -> None:
        super().__init__(reason)
        self.retryable = retryable
        self.operator = operator
        self.unknown = unknown
        """It may have been sent: the answer never came. Never blindly repeated."""


class Sender(Protocol):
    """The sending half of a channel."""

    async def send(self, messages: list[Outbound]) -> list[Receipt]:
        """One receipt for each message, in order. Raises SendError when none was taken."""
        ...

    async def close(self) -> None: ...
