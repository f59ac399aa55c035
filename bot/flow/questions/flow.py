"""The menu: which of the flows that her role may begin."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.flow.questions.choice import Choice


class Flow(Choice):
    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    required: ClassVar[Sequence[str]] = ()

    def __init__(self, settings: Mapping[str, Any], words: str) -> None:
        super().__init__({**settings, "among": "flows"}, words)
