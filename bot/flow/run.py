"""Where one contact is in a conversation: a light cursor that the machine moves; a step works on a copy.

`gc=False`: twenty thousand calls are remembered, and none of their values can be part of a cycle.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct, field

from bot.flow.definition import Value
from bot.flow.effects import Effect
from bot.text.fold import bare
from bot.text.screens import Budget

if TYPE_CHECKING:
    from bot.flow.release import Release


class Item(Struct, frozen=True, gc=False):
    """One thing of a list: its value, its name by language (French when a language has none), what is known of it."""

    value: str
    labels: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    lists: Mapping[str, tuple["Item", ...]] = field(default_factory=dict)

    def label(self, language: str) -> str:
        return self.labels.get(language) or self.labels.get("fr") or self.value


class Caller(Struct, frozen=True, gc=False):
    """Who is asking and what is known of her, pinned when the run begins so that a replay sees the same."""

    msisdn: str
    role: str = "unknown"
    language: str = "fr"
    facts: Mapping[str, Value] = field(default_factory=dict)
    lists: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)


class Medium(Struct, frozen=True, gc=False):
    """What the screens must fit: `paged` turns pages by key (USSD), otherwise all is said at once (SMS)."""

    budget: Budget
    letters: Budget | None = None
    """For a phone that shows ɛ ɔ ɲ ŋ, where the programme pays for UCS-2: used where it costs no page more."""
    paged: bool = True


class Screen(Struct, frozen=True, gc=False):
    """One screen before it is cut into pages."""

    body: str
    options: tuple[tuple[str, str], ...] = ()
    footer: tuple[tuple[str, str], ...] = ()
    more: str = ""
    """What the key to the next page is called."""
    final: bool = False


class Loop(Struct, frozen=True, gc=False):
    """A loop at its `index`-th item, with the answers about each item so far."""

    name: str
    items: tuple[Item, ...]
    index: int = 0
    rows: tuple[Mapping[str, Value], ...] = ({},)

    @property
    def item(self) -> Item:
        return self.items[self.index]

    @property
    def more(self) -> bool:
        return self.index + 1 < len(self.items)

    def get(self, name: str, language: str) -> Value | None:
        """What was answered or is known about the item."""
        row, item = self.rows[-1], self.items[self.index]
        if name in row:
            return row[name]
        if name in item.facts:
            return item.facts[name]
        if name == "item":
            return item.label(language)
        return item.value if name == "code" else None


class Frame(Struct, frozen=True, gc=False):
    """The place in a calling flow, kept while another flow runs."""

    flow: str
    state: str
    answers: Mapping[str, Value]
    loop: Loop | None
    score: int


class Run(Struct, gc=False):
    """A conversation at rest on a screen. `given` are the answers taken so far: they alone say where it is.

    What it holds is never changed in place, so that a copy is as good as a new run.
    """

    release: "Release"
    caller: Caller
    medium: Medium
    start: str
    flow: str
    language: str
    state: str = "begin"
    answers: Mapping[str, Value] = {}
    answer: Value | None = None
    """The one just given."""
    loop: Loop | None = None
    stack: tuple[Frame, ...] = ()
    given: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    """What the last step asks the house to do."""
    rows: tuple[Mapping[str, Value], ...] | None = None
    report: tuple[str, ...] = ()
    recorded: bool = False
    by_sms: bool = False
    """She asked to go on by SMS: the call is over, the conversation is not."""
    score: int = 0
    page: int = 0
    wrong: int = 0
    wrong_key: str = ""
    wrong_values: Mapping[str, Any] = {}

    @classmethod
    def at(cls, release: "Release", caller: Caller, medium: Medium, flow: str) -> Self:
        """At the beginning of a flow."""
        return cls(release, caller, medium, flow, flow, caller.language)

    def settle(self) -> None:
        """Forgets the wrong answers and the page: a new screen."""
        self.wrong = self.page = 0
        self.wrong_key = ""
        self.wrong_values = {}

    def copy(self) -> Self:
        """The same place, free to move."""
        twin = copy(self)
        twin.effects = ()
        return twin

    def get(self, name: str) -> Value | None:
        """An answer about the item, a fact of the item, an answer, a fact, what is counted; a list's length."""
        if self.loop is not None and (found := self.loop.get(name, self.language)) is not None:
            return found
        if name in self.answers:
            return self.answers[name]
        if name in self.caller.facts:
            return self.caller.facts[name]
        return self._made(name)

    def _made(self, name: str) -> Value | None:
        if name in ("score", "language"):
            return self.score if name == "score" else self.language
        if name in ("role", "msisdn"):
            return self.caller.role if name == "role" else self.caller.msisdn
        if name in self.caller.lists:
            return len(self.caller.lists[name])
        return next((item.facts[name] for item in self._chosen() if name in item.facts), None)

    def _chosen(self) -> Iterator[Item]:
        """What was chosen from lists, the latest first."""
        for saved_as, value in reversed([*self.answers.items()]):
            if key := self.release.list_key(self.flow, saved_as):
                yield from (item for item in self.caller.lists.get(key, ()) if item.value == value)

    def __getitem__(self, name: str) -> str:
        """The value of a placeholder as a reader sees it: an option by its label, a list by its items."""
        if name == "report":
            return ", ".join(self.report)
        value = self.get(name)
        if value is None:
            return ""
        if isinstance(value, tuple):
            return ", ".join(self._label(name, part) for part in value)
        return self._label(name, value)

    def _label(self, name: str, value: str | int) -> str:
        key = self.release.option_key(self.flow, name, value)
        if key:
            return self.say(key)
        listed = self.release.list_key(self.flow, name)
        among = self.items(listed) if listed else ()
        return next((item.label(self.language) for item in among if item.value == value), str(value))

    def told(self) -> dict[str, str]:
        """What a message to somebody else may name; an option is `@key`, to be said in that reader's language."""
        seen = {name: self.get(name) for name in ("name", "unit", "msisdn")} | dict(self.answers)
        return {
            name: f"@{key}" if (key := self.release.option_key(self.flow, name, value)) else str(value)
            for name, value in seen.items()
            if isinstance(value, str | int)
        }

    def items(self, name: str) -> tuple[Item, ...]:
        """A list by name: of the item, of the caller, or an answer of several options."""
        if self.loop is not None and name in self.loop.item.lists:
            return self.loop.item.lists[name]
        if name in self.caller.lists:
            return self.caller.lists[name]
        chosen = self.answers.get(name)
        if not isinstance(chosen, tuple):
            return ()
        return tuple(Item(value, self.release.labels(f"{self.flow}.{name}.{value}")) for value in chosen)

    def listed(self, name: str) -> Sequence[tuple[str, str]]:
        if name == "flows":
            return self.release.menu(self.caller.role, self.language)
        return [(item.value, item.label(self.language)) for item in self.items(name)]

    def say(self, key: str, **values: object) -> str:
        return self.release.words.say(self.language, key, values)

    def means(self, key: str, text: str) -> bool:
        return bare(text) in self.release.words.variants(key)

    def save(self, name: str, value: Value) -> None:
        """Keeps an answer: under the loop's item while in a loop."""
        if self.loop is None:
            self.answers = {**self.answers, name: value}
            return
        rows = self.loop.rows
        key = self.loop.item.value if name == "item" else name
        self.loop = Loop(
            self.loop.name, self.loop.items, self.loop.index, (*rows[:-1], {**rows[-1], key: value})
        )
