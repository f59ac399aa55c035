"""Yes or no, by number or by word in any language."""

from collections.abc import Mapping, Sequence

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import Option, Question, View

ANSWERS = {"1": "yes", "2": "no"}


class Yesno(Question):
    def options(self, view: View) -> Sequence[Option]:
        return [(key, value, view.say(f"common.{value}")) for key, value in ANSWERS.items()]

    def read(self, text: str, view: View) -> Value:
        typed = text.strip()
        if typed in ANSWERS:
            return ANSWERS[typed]
        for value in ANSWERS.values():
            if view.means(f"keyword.{value}", text):
                return value
        raise Refused("common.wrong.choice", low=1, high=2)

    def values(self) -> Sequence[str] | None:
        return list(ANSWERS.values())

    def option_keys(self) -> Mapping[str, str]:
        return {f"common.{value}": value for value in ANSWERS.values()}

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        del view, exits
        return list(ANSWERS)
