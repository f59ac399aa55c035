"""A few words of free text; anything that looks like a phone number in it is masked."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import Question, View

RANGE = re.compile(r"(\d+)\.\.(\d+)")
DIGITS = re.compile(r"(?:\d[\s.-]?){8,}")  # eight digits and more: somebody's number, not ours to keep


class Text(Question):
    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "length": {"type": "string", "pattern": r"^\d+\.\.\d+$"}
    }
    required: ClassVar[Sequence[str]] = ("length",)

    def __init__(self, settings: Mapping[str, Any], words: str) -> None:
        super().__init__(settings, words)
        match = RANGE.fullmatch(str(settings["length"]))
        if not match or int(match[1]) > int(match[2]) or int(match[2]) > 160:
            raise ValueError("`length` wants two whole numbers up to 160: 2..40")
        self.low, self.high = int(match[1]), int(match[2])

    def read(self, text: str, view: View) -> Value:
        del view
        said = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if not self.low <= len(said) <= self.high:
            raise Refused("common.wrong.length", low=self.low, high=self.high)
        return DIGITS.sub("*** ", said).strip()

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        del view, exits
        return ["W" * self.high]
