"""A message that is due → what is sent: to whom, in whose words; and what the provider's answer makes of it."""

import datetime as dt
import re

from msgspec import Struct

from bot.flow.release import Release
from bot.messages import Outbound, Receipt, SendError
from bot.people import LEADERS, Contact
from bot.store.outbox import Body
from bot.text.fold import to_gsm
from bot.text.gsm import segment

BACKOFF = (30, 120, 600, 1800, 3600)
"""Seconds before a message is tried again; after the last it has failed."""
OPERATOR_WAIT = 600
"""Seconds before trying again what waits for somebody to act (credit, sender id)."""
FORGOTTEN = "no words: they were forgotten"
"""Of a reply that somebody has sent again when nothing is left of it."""
SEGMENT = 160
MOST = 1_000
"""FCFA a segment: a price above it is a mistake of whoever says it."""
_COST = re.compile(r"(?:XOF|FCFA|F CFA) ?(\d+(?:\.\d+)?)")


class Verdict(Struct, frozen=True):
    """What became of one message: its state, when to try again (seconds; None: never), and what is noted of it."""

    state: str
    again: int | None
    fields: dict[str, str | int]


def refused(reason: str) -> Verdict:
    return Verdict("refused", None, {"reason": reason})


def written(body: Body, recipient: Contact | None, release: Release) -> str | Verdict:
    """The text as the recipient will read it, or why it is not sent."""
    if body.kind == "reply":
        return body.text or Verdict("failed", None, {"reason": FORGOTTEN})
    about = body.kind in {"tell", "alert"}
    if recipient is None or not recipient.active or (about and recipient.role not in LEADERS):
        return refused("not a supervisor on the roster" if about else "not on the roster")
    if recipient.stopped:
        return refused("opted out")
    try:
        own = in_own_words(body, recipient.language)
        return _for(recipient, own or say(release, recipient.language, body.key, body.values))
    except KeyError as missing:
        # Its words went with a flow that was removed since, or were forgotten.
        return Verdict("failed", None, {"reason": f"no words: {missing}"})


def _for(recipient: Contact, text: str) -> str:
    return text if recipient.letters else to_gsm(text)


def in_own_words(body: Body, language: str) -> str:
    """What somebody wrote for readers of that language; empty when the programme says it."""
    return body.texts.get(language) or body.texts.get("fr", "")


def say(release: Release, language: str, key: str, values: dict[str, str]) -> str:
    """Words for somebody: `@key` among the values is itself said in her language."""
    said = {
        name: release.words.say(language, value[1:]) if value.startswith("@") else value
        for name, value in values.items()
    }
    return release.words.say(language, key, said)


def cents(cost: str, segments: int, per_segment: float) -> int:
    """What was paid, in 1/100 FCFA: as the provider says it, in our currency, if it can be; else by our own price."""
    said = _COST.fullmatch(cost)
    credible = said is not None and float(said[1]) <= MOST * max(1, segments)
    return round(float(said[1]) * 100) if said and credible else round(segments * per_segment * 100)


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


def tomorrow(expires: int, now: int, local: dt.datetime) -> Verdict:
    """She was written to enough today: tomorrow, if it is worth sending then."""
    midnight = (local + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    wait = -(-(int(midnight.timestamp() * 1000) - now) // 1000)
    if expires and expires <= now + wait * 1000:
        return Verdict("capped", None, {})
    return Verdict("queued", wait, {"reason": "daily cap"})
