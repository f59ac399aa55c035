"""A message that is due → what is sent: to whom, in whose words; and what the provider's answer makes of it."""

from msgspec import Struct

from bot.flow.release import Release
from bot.messages import Outbound, Receipt, SendError
from bot.people import Contact
from bot.store.outbox import Claimed
from bot.text.fold import to_gsm
from bot.text.gsm import segment

LEADERS = frozenset({"dtc", "district", "region", "central"})
"""Who may be told about others: a number that a caller typed is not written to unless it is one of theirs."""
BACKOFF = (30, 120, 600, 1800, 3600)
"""Seconds before a message is tried again; after the last it has failed."""
OPERATOR_WAIT = 600
"""Seconds before trying again what waits for somebody to act (credit, sender id)."""


class Verdict(Struct, frozen=True):
    """What became of one message: its state, when to try again (seconds; None: never), and what is noted of it."""

    state: str
    again: int | None
    fields: dict[str, str | int]


def written(claimed: Claimed, recipient: Contact | None, release: Release) -> Outbound | Verdict:
    """The text as the recipient will read it, or why it is not sent."""
    body = claimed.body
    if body.kind == "reply":
        return Outbound(claimed.id, body.to, body.text)
    if recipient is None or not recipient.active or recipient.role not in LEADERS:
        return Verdict("refused", None, {"reason": "not a supervisor on the roster"})
    if recipient.stopped:
        return Verdict("refused", None, {"reason": "opted out"})
    text = say(release, recipient.language, body.key, body.values)
    return Outbound(claimed.id, body.to, text if recipient.letters else to_gsm(text), urgent=True)


def say(release: Release, language: str, key: str, values: dict[str, str]) -> str:
    """Words for somebody: `@key` among the values is itself said in her language."""
    said = {
        name: release.words.say(language, value[1:]) if value.startswith("@") else value
        for name, value in values.items()
    }
    return release.words.say(language, key, said)


def after(receipt: Receipt, message: Outbound, attempts: int) -> Verdict:
    """What the provider's word about one message means for it."""
    parts = receipt.parts or len(segment(message.text).parts)
    noted: dict[str, str | int] = {
        "text": message.text,
        "provider_id": receipt.provider_id,
        "cost": receipt.cost,
        "reason": receipt.reason,
        "segments": parts if receipt.state in ("sent", "delivered") else 0,
    }
    again = _again(attempts, operator=receipt.operator) if receipt.retryable else None
    return Verdict("queued" if again is not None else receipt.state, again, noted)


def failed(error: SendError, message: Outbound, attempts: int) -> Verdict:
    """What it means that the provider took none of them."""
    noted: dict[str, str | int] = {"text": message.text, "reason": str(error)}
    if error.unknown:
        return Verdict("unknown", None, noted)
    again = _again(attempts, operator=error.operator) if error.retryable else None
    return Verdict("failed" if again is None else "queued", again, noted)


def _again(attempts: int, *, operator: bool) -> int | None:
    if operator:
        return OPERATOR_WAIT
    return BACKOFF[attempts - 1] if attempts <= len(BACKOFF) else None
