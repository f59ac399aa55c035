"""What a callback's form says, in our words; a doubtful form is refused by its field, never repaired."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from yarl import query_to_pairs

from bot.channels import CallEnd
from bot.messages import DeliveryReport, Inbound, SendState

Form = Mapping[str, str]

_CHANNEL: Final = "africastalking"
_MOST_FIELDS: Final = 64
_LONGEST: Final = 128

_PLAIN = re.compile(r"[A-Za-z]{1,32}")
"""A name that may be said back to whoever sent it."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SERVICE = re.compile(r"[0-9]{2,6}|(?=.*[^\W\d_])[^\s+].*")
"""A short code, or a name with a letter in it: `7070`, `Orange`. A number without its + is neither."""
_UNTYPABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
"""The control characters no phone sends: line feed, form feed and return are in the GSM alphabet."""
_DIGITS = re.compile(r"[0-9]{0,12}")

_STATES: Final[Mapping[str, SendState]] = {
    "Sent": "sent",
    "Submitted": "sent",
    "Buffered": "sent",
    "Success": "delivered",
    "Rejected": "failed",
    "Failed": "failed",
    "AbsentSubscriber": "failed",
    "Expired": "failed",
}


class FormError(ValueError):
    """The caller's fault, told to the caller: the field, and what is wrong with it."""

    def __init__(self, field: str, wrong: str) -> None:
        super().__init__(f"{field}: {wrong}")


def parse(body: bytes) -> Form:
    try:
        pairs = query_to_pairs(body.decode(), max_fields=_MOST_FIELDS)
    except ValueError as wrong:
        raise FormError("body", "not a form in UTF-8") from wrong
    form = dict(pairs)
    if len(form) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise FormError(twice if _PLAIN.fullmatch(twice) else "a field", "given more than once")
    return form


def dialled(form: Form) -> Inbound:
    return Inbound(
        channel=_CHANNEL,
        bearer="ussd",
        id=_word(form, "sessionId"),
        msisdn=_number(form, "phoneNumber"),
        text=_text(form, "text"),
        service_code=_line(form, "serviceCode"),
        network=_line_if_any(form, "networkCode"),
    )


def hung_up(form: Form) -> CallEnd:
    return CallEnd(
        session=_word(form, "sessionId"),
        msisdn=_number(form, "phoneNumber"),
        status=_line(form, "status"),
        duration_ms=_count(form, "durationInMillis"),
        hops=_count(form, "hopsCount"),
        error=_text(form, "errorMessage") if "errorMessage" in form else "",
    )


def texted(form: Form) -> Inbound | None:
    """None: a service wrote, not a person; two machines that answer each other never stop."""
    if _SERVICE.fullmatch(_line(form, "from")):
        return None
    _line(form, "date")
    return Inbound(
        channel=_CHANNEL,
        bearer="sms",
        id=_word(form, "id"),
        msisdn=_number(form, "from"),
        text=_UNTYPABLE.sub(" ", _given(form, "text")),  # refused, it would come again for twelve hours
        service_code=_line(form, "to"),
        network=_line_if_any(form, "networkCode"),
    )


def delivered(form: Form) -> DeliveryReport:
    status = _note(form, "status")
    return DeliveryReport(
        provider_id=_word(form, "id"),
        msisdn=_number(form, "phoneNumber"),
        status=status,
        state=_STATES.get(status),
        reason=_note(form, "failureReason") if "failureReason" in form else "",
    )


def opted_out(form: Form) -> str:
    _line(form, "senderId")
    return _number(form, "phoneNumber")


def _given(form: Form, name: str) -> str:
    value = form.get(name)
    if value is None:
        raise FormError(name, "missing")
    return value


def _line(form: Form, name: str) -> str:
    value = _given(form, name)
    if not value.isprintable():
        raise FormError(name, "holds what cannot be printed")
    if len(value) > _LONGEST:
        raise FormError(name, f"longer than {_LONGEST} characters")
    return value


def _line_if_any(form: Form, name: str) -> str:
    return _line(form, name) if name in form else ""


def _note(form: Form, name: str) -> str:
    """Something said only to be kept: whatever it is, it is no reason to have it told again."""
    return _UNTYPABLE.sub(" ", _given(form, name))[:_LONGEST]


def _word(form: Form, name: str) -> str:
    value = _line(form, name)
    if not value:
        raise FormError(name, "empty")
    return value


def _number(form: Form, name: str) -> str:
    value = _given(form, name)
    if not _E164.fullmatch(value):  # a + that was not escaped comes as a space
        raise FormError(name, "not a number like +22376123456 (is its + escaped as %2B?)")
    return value


def _text(form: Form, name: str) -> str:
    value = _given(form, name)
    if not value.isprintable() and _UNTYPABLE.search(value):
        raise FormError(name, "holds a control character")
    return value


def _count(form: Form, name: str) -> int:
    value = form.get(name, "")
    if not _DIGITS.fullmatch(value):
        raise FormError(name, "not a whole number")
    return int(value or 0)
