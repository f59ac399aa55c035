"""Africa's Talking's SMS API: what may share a request, what an answer means, and when it leaves a doubt."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from bot.messages import Outbound, Receipt, SendError

Ask = Callable[[str, list[str]], Awaitable[object]]
"""Asks the API to send one text to these numbers: its answer as JSON, parsed or not, or a SendError."""

NOT_AUTHORISED: Final = "The supplied authentication is invalid"
_MOST_RECIPIENTS: Final = 100
"""No limit is published; this many messages at most are in doubt when one answer is lost."""

_TAKEN: Final = frozenset({100, 101, 102})  # Processed, Sent, Queued
_OPERATOR: Final = frozenset({402, 405})  # InvalidSenderId, InsufficientBalance
_RETRYABLE: Final = _OPERATOR | {500, 501, 502}  # InternalServerError, GatewayError, RejectedByGateway
_OPTED_OUT: Final = 406  # UserInBlacklist


class _Recipient(Struct, rename="camel"):
    status_code: int
    number: str
    status: str = ""
    cost: str | float = ""
    message_id: str = ""
    message_parts: int = 0


class _Sending(Struct, rename="pascal"):
    message: str
    recipients: list[_Recipient]


class _Answer(Struct):
    sending: _Sending = msgspec.field(name="SMSMessageData")


async def send(messages: Sequence[Outbound], ask: Ask) -> list[Receipt]:
    """Return a receipt for each message, in order; raise SendError when every request met the same one."""
    groups = _groups(messages)
    outcomes = await asyncio.gather(*(_outcome([messages[at] for at in group], ask) for group in groups))
    _raise_if_shared(outcomes)
    receipts = {
        at: _failed(outcome) if isinstance(outcome, SendError) else outcome[place]
        for group, outcome in zip(groups, outcomes, strict=True)
        for place, at in enumerate(group)
    }
    return [receipts[at] for at in range(len(messages))]


def refused(reason: str, *, operator: bool = False) -> SendError:
    """Say that nothing was taken, and may be later."""
    return SendError(reason[:200], retryable=True, operator=operator)


def in_doubt(reason: str) -> SendError:
    """Say that all may have been taken: the API has no idempotency key that would make asking again safe."""
    return SendError(reason[:200], retryable=False, unknown=True)


def _groups(messages: Sequence[Outbound]) -> list[list[int]]:
    """Group what can share a request: one text, no number twice, for receipts are told apart by number."""
    times: Counter[tuple[str, str]] = Counter()
    shared: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for at, message in enumerate(messages):
        times[message.text, message.msisdn] += 1
        shared[message.text, times[message.text, message.msisdn]].append(at)
    return [
        group[first : first + _MOST_RECIPIENTS]
        for group in shared.values()
        for first in range(0, len(group), _MOST_RECIPIENTS)
    ]


async def _outcome(group: list[Outbound], ask: Ask) -> list[Receipt] | SendError:
    numbers = [message.msisdn for message in group]
    try:
        return _receipts(await ask(group[0].text, numbers), numbers)
    except SendError as error:
        return error


def _raise_if_shared(outcomes: list[list[Receipt] | SendError]) -> None:
    errors = [outcome for outcome in outcomes if isinstance(outcome, SendError)]
    alike = len({(error.retryable, error.operator, error.unknown) for error in errors}) == 1
    if alike and len(errors) == len(outcomes):
        raise errors[0]


def _receipts(answer: object, numbers: list[str]) -> list[Receipt]:
    sending = _sending(answer)
    if not sending.recipients:
        raise refused(sending.message, operator=True)
    said = {recipient.number: recipient for recipient in sending.recipients}
    return [_receipt(said.get(number)) for number in numbers]


def _sending(answer: object) -> _Sending:
    try:
        told = msgspec.json.decode(answer) if isinstance(answer, bytes | str) else answer
        return msgspec.convert(told, _Answer, strict=False).sending
    except (msgspec.DecodeError, UnicodeDecodeError) as unreadable:
        raise in_doubt(f"unreadable answer: {unreadable}") from unreadable


def _receipt(said: _Recipient | None) -> Receipt:
    if said is None:
        return Receipt("unknown", reason="the answer does not name this number")
    taken = said.status_code in _TAKEN
    return Receipt(
        "sent" if taken else "failed",
        provider_id=said.message_id if taken else "",
        cost=str(said.cost),
        parts=said.message_parts,
        reason="" if taken else said.status or str(said.status_code),
        stop=said.status_code == _OPTED_OUT,
        retryable=said.status_code in _RETRYABLE,
        operator=said.status_code in _OPERATOR,
    )


def _failed(error: SendError) -> Receipt:
    return Receipt(
        "unknown" if error.unknown else "failed",
        reason=str(error),
        retryable=error.retryable,
        operator=error.operator,
    )
