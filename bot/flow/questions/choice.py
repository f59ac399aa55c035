"""One option of a short list, by its number."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import Option, Question, View
from bot.text.fold import bare

AMONG = {
    "anyOf": [
        {"type": "string", "description": "a list that is known: products, languages, candidates"},
        {"type": "array", "items": {"type": "string"}, "minItems": 2},
    ]
}

LONGEST = 4
"""Digits of an option's number, with leading zeros."""


class Choice(Question):
    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {"among": AMONG}
    required: ClassVar[Sequence[str]] = ("among",)

    def __init__(self, settings: Mapping[str, Any], words: str) -> None:
        super().__init__(settings, words)
        self.among: str | list[str] = settings["among"]
        if isinstance(self.among, list) and len(set(self.among)) != len(self.among):
            raise ValueError("`among` names an option twice")
        self._said: dict[str, list[Option]] = {}

    def options(self, view: View) -> Sequence[Option]:
        if isinstance(self.among, str):
            return _numbered(view.listed(self.among))
        if view.language not in self._said:  # a release never changes its words
            listed = [(name, view.say(f"{self.words}.{name}")) for name in self.among]
            self._said[view.language] = _numbered(listed)
        return self._said[view.language]

    def read(self, text: str, view: View) -> Value:
        options = self.options(view)
        typed = text.strip()
        if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST and 0 < int(typed) <= len(options):
            return options[int(typed) - 1][1]
        folded = bare(text)
        for _, value, label in options:
            if folded and folded in (bare(label), bare(label.partition("(")[0]), bare(value)):
                return value
        raise Refused("common.wrong.choice", low=1, high=len(options))

    def values(self) -> Sequence[str] | None:
        return self.among if isinstance(self.among, list) else None

    def option_keys(self) -> Mapping[str, str]:
        if isinstance(self.among, str):
            return {}
        return {f"{self.words}.{name}": name for name in self.among}

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        del exits
        return [key for key, _, _ in self.options(view)]


def _numbered(listed: Sequence[tuple[str, str]]) -> list[Option]:
    return [(str(number), value, label) for number, (value, label) in enumerate(listed, 1)]
