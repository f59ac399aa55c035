"""Any number of options of a short list, their digits typed together: `13` is the first and the third."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import View
from bot.flow.questions.choice import Choice

NINE = 9  # digits can be typed together only while every key is one digit


class Several(Choice):
    """The option named by `none` stands alone: with any other it is refused."""

    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        **Choice.keys,
        "none": {"type": "string", "description": "the option that means: nothing of this"},
    }
    required: ClassVar[Sequence[str]] = ("among", "none")

    def __init__(self, settings: Mapping[str, Any], words: str) -> None:
        super().__init__(settings, words)
        self.none: str = settings["none"]
        if not isinstance(self.among, list) or len(self.among) > NINE:
            raise ValueError("`several` takes a list of at most 9 options")
        if self.none not in self.among:
            raise ValueError(f"`none: {self.none}` is not one of the options")

    def read(self, text: str, view: View) -> Value:
        options = self.options(view)
        typed = re.sub(r"[\s,;.*+/-]", "", text)
        if not (typed.isascii() and typed.isdigit()) or any(
            int(key) not in range(1, len(options) + 1) for key in typed
        ):
            raise Refused("common.wrong.several", high=len(options))
        chosen = tuple(value for key, value, _ in options if key in typed)
        if self.none in chosen and len(chosen) > 1:
            raise Refused("common.wrong.several", high=len(options))
        return chosen

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        del exits
        options = self.options(view)
        some = "".join(key for key, value, _ in options if value != self.none)
        return [some, *(key for key, _, _ in options)]
