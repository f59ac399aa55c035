"""A phone number, in any usual writing."""

from collections.abc import Sequence

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import Question, View
from bot.text.msisdn import NotANumber, parse


class Phone(Question):
    def read(self, text: str, view: View) -> Value:
        del view
        try:
            return parse(text)
        except NotANumber as error:
            raise Refused("common.wrong.phone") from error

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        del view, exits
        return ["76 12 34 56"]
