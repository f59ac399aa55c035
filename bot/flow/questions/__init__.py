"""The kinds of question: one module each, named after the word that `ask:` takes."""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from bot.flow.definition import Exit, Value

Option = tuple[str, str, str]
"""The key she types, the value it stands for, its label."""


class View(Protocol):
    """What a question may see of the run it is asked in."""

    language: str

    def get(self, name: str) -> Value | None:
        """An answer given, or a fact known; None when neither."""
        ...

    def say(self, key: str, **values: object) -> str: ...

    def listed(self, name: str) -> Sequence[tuple[str, str]]:
        """A named list as (value, label) in the caller's language."""
        ...

    def means(self, key: str, text: str) -> bool:
        """Whether the text is one of that keyword's words, in any language."""
        ...


class Question(ABC):
    """A question as asked by one step. A new kind is one module here with a class of its capitalised name."""

    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """The settings this kind takes, each with its JSON Schema."""
    required: ClassVar[Sequence[str]] = ()

    def __init__(self, settings: Mapping[str, Any], words: str) -> None:
        """`words` is the key of the question's text, `stock.quantity`. Raises ValueError for a bad setting."""
        self.settings = settings
        self.words = words

    def options(self, view: View) -> Sequence[Option]:
        del view
        return ()

    @abstractmethod
    def read(self, text: str, view: View) -> Value:
        """The answer in that text, or Refused."""

    def values(self) -> Sequence[str] | None:
        """The values exits may name; None when any value can come."""
        return None

    def span(self) -> tuple[int, int] | None:
        """The whole numbers that can come, lowest and highest; None when the answers are no numbers."""
        return None

    def option_keys(self) -> Mapping[str, str]:
        """Words this question needs besides its text: key → option."""
        return {}

    def takes_zero(self) -> bool:
        """Whether a lone 0 is an answer here, and so not the back key."""
        span = self.span()
        return span is not None and span[0] <= 0 <= span[1]

    def secret(self) -> bool:
        return False

    @abstractmethod
    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        """Answers that between them take every exit: what a test walks, what `show` plays."""


def load() -> dict[str, type[Question]]:
    """Every kind of question there is, by its name in a flow."""
    kinds = {}
    for module in pkgutil.iter_modules(__path__):
        found = importlib.import_module(f"{__name__}.{module.name}")
        kinds[module.name] = getattr(found, module.name.capitalize())
    return kinds
