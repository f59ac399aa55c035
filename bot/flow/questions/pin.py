"""A secret code of four digits, compared with the one that is known and kept nowhere."""

import hmac
import re
from collections.abc import Sequence
from hashlib import blake2b

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import Question, View


def seal(pin: str, msisdn: str) -> str:
    """What is kept instead of a PIN: it opens nothing on another number."""
    return blake2b(pin.encode(), key=msisdn.encode()[:64], digest_size=16).hexdigest()


class Pin(Question):
    """Answers `right` or `wrong`, never the digits."""

    def read(self, text: str, view: View) -> Value:
        if not re.fullmatch(r"\d{4}", text.strip(), re.ASCII):
            raise Refused("common.wrong.pin")
        known = str(view.get("pin") or "")
        return "right" if hmac.compare_digest(known, seal(text.strip(), str(view.get("msisdn")))) else "wrong"

    def values(self) -> Sequence[str] | None:
        return ["right", "wrong"]

    def secret(self) -> bool:
        return True

    def takes_zero(self) -> bool:
        return False

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        del view, exits
        return ["0000"]
