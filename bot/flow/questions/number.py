"""A whole number within a range, with its unit if she writes one: `12`, `I2`, `12 sachets`, `douze`, `tan ni fila`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import Question, View
from bot.text.numbers import whole_number, written

RANGE = re.compile(r"(\d+)\.\.(\d+)")
UNIT = re.compile(r"(?<=\d)\s*[^\W\d_]{2,}.*", re.DOTALL)
LONGEST = 9


class Number(Question):
    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "between": {"type": "string", "pattern": r"^\d+\.\.\d+$"}
    }
    required: ClassVar[Sequence[str]] = ("between",)

    def __init__(self, settings: Mapping[str, Any], words: str) -> None:
        super().__init__(settings, words)
        match = RANGE.fullmatch(str(settings["between"]))
        if not match:
            raise ValueError("`between` wants two whole numbers: 0..9999")
        self.low, self.high = int(match[1]), int(match[2])
        if self.low > self.high:
            raise ValueError(f"`between: {settings['between']}` is empty: the lower end comes first")

    def read(self, text: str, view: View) -> Value:
        del view
        number = _number(text.strip())
        if number is None:
            raise Refused("common.wrong.number", low=self.low, high=self.high)
        if not self.low <= number <= self.high:
            raise Refused("common.wrong.range", low=self.low, high=self.high)
        return number

    def span(self) -> tuple[int, int] | None:
        return self.low, self.high

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        ends = {self.low, self.high}
        for way in exits:
            for end in (way.low, way.high, way.value):
                known = view.get(end) if isinstance(end, str) and written(end) is None else end
                if (number := written(str(known))) is not None:
                    ends |= {number + by for by in (-1, 0, 1)}
        return [str(end) for end in sorted(ends) if self.low <= end <= self.high]


def _number(typed: str) -> int | None:
    if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST:
        return int(typed)
    number = whole_number(typed)
    return whole_number(UNIT.sub("", typed)) if number is None else number
