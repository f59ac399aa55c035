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
_NO_ID: Final = frozenset({"", "None"})
_LONGEST_ID: Final = 128  # what a delivery report may name
_MOST_PARTS: Final = 255  # a concatenated SMS has no more


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
    said: defaultdict[str, list[_Recipient]] = defaultdict(list)
    for recipient in sending.recipients:
        said[recipient.number].append(recipient)
    return [_receipt(said[number]) for number in numbers]


def _sending(answer: object) -> _Sending:
    try:
        told = msgspec.json.decode(answer) if isinstance(answer, bytes | str) else answer
        return msgspec.convert(told, _Answer, strict=False).sending
    except (msgspec.DecodeError, UnicodeDecodeError) as unreadable:
        raise in_doubt(f"unreadable answer: {unreadable}") from unreadable


def _receipt(entries: list[_Recipient]) -> Receipt:
    """What is said of one number. Whatever makes us doubt that it was refused makes us not ask again."""
    if not entries:
        return Receipt("unknown", reason="the answer does not name this number")
    if len({one.status_code in _TAKEN for one in entries}) > 1:
        return Receipt("unknown", reason="the answer says of this number that it was taken and refused")
    said = entries[0]
    taken, name = said.status_code in _TAKEN, _name(said)
    if name and said.status_code in _RETRYABLE:
        return Receipt("unknown", reason=f"{said.status}, and yet it has the id {name}")
    return Receipt(
        "sent" if taken else "failed",
        provider_id=name if taken else "",
        cost=str(said.cost),
        parts=said.message_parts if 1 <= said.message_parts <= _MOST_PARTS else 0,
        reason="" if taken else said.status or str(said.status_code),
        stop=said.status_code == _OPTED_OUT,
        retryable=said.status_code in _RETRYABLE,
        operator=said.status_code in _OPERATOR,
    )


def _name(said: _Recipient) -> str:
    """What a delivery report will call it; empty when nobody could."""
    name = said.message_id
    usable = name not in _NO_ID and len(name) <= _LONGEST_ID and name.isprintable()
    return name if usable else ""


def _failed(error: SendError) -> Receipt:
    return Receipt(
        "unknown" if error.unknown else "failed",
        reason=str(error),
        retryable=error.retryable,
        operator=error.operator,
    )
