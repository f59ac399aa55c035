"""A flow file → Flow, every problem of its form named by line; what the steps mean together is for `check`."""

import re
from collections.abc import Callable, Mapping

from bot.flow import document
from bot.flow.definition import (
    HANDLED,
    RESERVED,
    Act,
    Ask,
    Call,
    Each,
    End,
    Exit,
    Flow,
    FlowError,
    Keyword,
    Pass,
    Problem,
    Step,
)
from bot.flow.document import Node
from bot.flow.questions import Question
from bot.text.numbers import written

NAME = re.compile(r"[a-z][a-z0-9_]*")
RANGE = re.compile(r"(-?\d+|[a-z][a-z0-9_]*)?\.\.(-?\d+|[a-z][a-z0-9_]*)?")
HEAD = {"flow", "start", "menu", "roles", "sms"}
VERBS = ("record", "set", "tell", *HANDLED)
WITH_RECORD = {"once", "corrects", "with"}
COMMON = {"then", *VERBS, *WITH_RECORD}
KINDS = {"ask": {"as", "keep", "right"}, "look": set[str](), "each": {"do", "as"}, "call": set[str]()}


def parse(file: str, text: str, kinds: Mapping[str, type[Question]]) -> Flow:
    """The flow in that file. Raises FlowError with all its problems."""
    node, problems = document.read(file, text)
    reader = _Reader(file, kinds, problems)
    flow = reader.flow(node)
    if reader.problems:
        raise FlowError(sorted(reader.problems))
    return flow


class _Reader:
    """Reads one file, gathering problems instead of stopping at the first."""

    def __init__(self, file: str, kinds: Mapping[str, type[Question]], problems: list[Problem]) -> None:
        self.file, self.kinds, self.problems = file, kinds, problems

    def flow(self, node: Node) -> Flow:
        entries = node.entries or {}
        for needed in ("flow", "start"):
            if needed not in entries:
                self._problem(1, f"`{needed}:` is missing at the head of the file")
        steps: dict[str, Step] = {}
        for name, entry in entries.items():
            if name not in HEAD:
                self._name(name, node.lines[name])
                steps[name] = self._step(name, entry, node.lines[name])
        return Flow(
            name=self._name(self._text(entries, "flow"), node.lines.get("flow", 1)),
            file=self.file,
            start=self._text(entries, "start"),
            steps=steps,
            menu=self._menu(entries),
            roles=frozenset(self._names(entries, "roles")),
            sms=tuple(self._keywords(entries["sms"])) if "sms" in entries else (),
            line=node.lines.get("start", 1),
        )

    def _step(self, name: str, node: Node, line: int) -> Step:
        if node.text == "end":
            return End(name, line)
        entries = node.entries
        if entries is None:
            self._problem(
                line, f"`{name}` is neither `end` nor a step (ask, look, each, call, {', '.join(VERBS)})"
            )
            return End(name, line)
        kind = [word for word in KINDS if word in entries]
        if len(kind) > 1:
            self._problem(line, f"`{name}` has both `{kind[0]}` and `{kind[1]}`: one step does one thing")
        builders: dict[str, Callable[[str, Node, int], Step]] = {
            "ask": self._ask,
            "look": self._look,
            "each": self._each,
            "call": self._call,
        }
        return builders[kind[0]](name, node, line) if kind else self._act_only(name, node, line)

    def _ask(self, name: str, node: Node, line: int) -> Step:
        entries = node.entries or {}
        question = self._text(entries, "ask")
        kind = self.kinds.get(question)
        if kind is None:
            self._problem(
                node.lines["ask"],
                f"unknown question `{question}`; there are: {', '.join(sorted(self.kinds))}",
            )
            return End(name, line)
        self._only(name, node, {"ask", *KINDS["ask"], *COMMON, *kind.keys})
        settings: dict[str, object] = {}
        for key in kind.keys:
            if key in entries:
                words = entries[key].words()
                settings[key] = words if words is not None else self._text(entries, key)
        for needed in kind.required:
            if needed not in entries:
                self._problem(line, f"`{name}` asks a {question}: `{needed}:` is missing")
                return End(name, line)
        try:
            kind(settings, "")
        except ValueError as error:
            self._problem(line, f"`{name}`: {error}")
        return Ask(
            name=name,
            line=line,
            question=question,
            exits=() if question == "flow" else self._exits(name, node, line),
            settings=settings,
            saved_as=self._text(entries, "as") if "as" in entries else name,
            keep=self._yes(entries, "keep", default=True),
            right=self._text(entries, "right", ""),
            acts=self._acts(node),
        )

    def _look(self, name: str, node: Node, line: int) -> Step:
        self._only(name, node, {"look", *COMMON})
        return Pass(
            name,
            line,
            self._exits(name, node, line),
            self._text(node.entries or {}, "look"),
            self._acts(node),
        )

    def _act_only(self, name: str, node: Node, line: int) -> Step:
        self._only(name, node, COMMON)
        acts = self._acts(node)
        if not acts:
            self._problem(
                line, f"`{name}` does nothing: it wants one of ask, look, each, call, {', '.join(VERBS)}"
            )
        return Pass(name, line, self._exits(name, node, line), acts=acts)

    def _each(self, name: str, node: Node, line: int) -> Step:
        self._only(name, node, {"each", *KINDS["each"], *COMMON})
        entries = node.entries or {}
        return Each(
            name,
            line,
            over=self._text(entries, "each"),
            body=self._text(entries, "do"),
            exits=self._exits(name, node, line),
            saved_as=self._text(entries, "as", ""),
            acts=self._acts(node),
        )

    def _call(self, name: str, node: Node, line: int) -> Step:
        self._only(name, node, {"call", "then"})
        return Call(name, line, self._text(node.entries or {}, "call"), self._exits(name, node, line))

    def _acts(self, node: Node) -> tuple[Act, ...]:
        entries = node.entries or {}
        acts = []
        for verb in (key for key in entries if key in VERBS):
            recording = verb == "record"
            acts.append(
                Act(
                    verb,
                    self._text(entries, verb),
                    node.lines[verb],
                    once=self._text(entries, "once", "") if recording else "",
                    corrects=recording and self._yes(entries, "corrects", default=False),
                    extra=self._extra(entries) if recording else (),
                )
            )
        for key in WITH_RECORD & entries.keys() if "record" not in entries else ():
            self._problem(node.lines[key], f"`{key}` goes with `record`")
        if self._text(entries, "once", "day") != "day":
            self._problem(node.lines["once"], "`once` takes only `day`")
        return tuple(acts)

    def _extra(self, entries: Mapping[str, Node]) -> tuple[tuple[str, str], ...]:
        """`with: [pay_month]` keeps a fact under its own name, `with: {quantity: amount}` under another."""
        named = entries["with"].entries if "with" in entries else None
        if named is not None:
            return tuple((name, self._text(named, name)) for name in named)
        return tuple((name, name) for name in self._names(entries, "with"))

    def _exits(self, name: str, node: Node, line: int) -> tuple[Exit, ...]:
        then = (node.entries or {}).get("then")
        if then is None:
            self._problem(line, f"`{name}` leads nowhere: `then:` is missing")
            return ()
        if then.text is not None:
            return (Exit(then.text, then.line, other=True),)
        if not then.entries:
            self._problem(
                then.line, "`then` takes a step, or exits such as `yes: step`, `1..9: step`, `else: step`"
            )
            return ()
        exits = []
        for key, target in then.entries.items():
            if target.text is None:
                self._problem(target.line, f"the exit `{key}` leads to one step: its name")
                continue
            exits += [self._exit(part.strip(), target.text, then.lines[key]) for part in key.split(",")]
        return tuple(exits)

    def _exit(self, key: str, to: str, line: int) -> Exit:
        if key == "else":
            return Exit(to, line, other=True)
        match = RANGE.fullmatch(key)
        if match and (match[1] or match[2]):
            low, high = (self._end(end, line) for end in match.groups())
            if isinstance(low, int) and isinstance(high, int) and low > high:
                self._problem(line, f"the range {key} is empty: the lower end comes first")
            return Exit(to, line, low=low, high=high)
        return Exit(to, line, value=key)

    def _end(self, end: str | None, line: int) -> int | str | None:
        """A number, or the name of something known."""
        if not end or NAME.fullmatch(end):
            return end
        if (number := written(end)) is None:
            self._problem(line, f"`{end[:20]}…` is more than can be counted: a number has 15 digits at most")
        return number

    def _keywords(self, node: Node) -> list[Keyword]:
        found = []
        for name, entry in (node.entries or {}).items():
            self._only(name, entry, {"answers", "then"}, "keyword")
            entries = entry.entries or {}
            given = (entries["answers"].entries or {}) if "answers" in entries else {}
            answers = {key: self._text(given, key) for key in given}
            found.append(Keyword(name, self._text(entries, "then"), node.lines[name], answers))
        return found

    def _menu(self, entries: Mapping[str, Node]) -> int:
        text = self._text(entries, "menu", "0")
        place = written(text)
        if place is None or place < 0:
            self._problem(entries["menu"].line, "`menu` takes a whole number: the flow's place in the menu")
        return place or 0

    def _names(self, entries: Mapping[str, Node], key: str) -> list[str]:
        if key not in entries:
            return []
        words = entries[key].words()
        if words is None:
            self._problem(entries[key].line, f"`{key}` takes a list of names: [a, b]")
        return words or []

    def _yes(self, entries: Mapping[str, Node], key: str, *, default: bool) -> bool:
        said = self._text(entries, key, "yes" if default else "no")
        if said not in ("yes", "no", ""):
            self._problem(entries[key].line, f"`{key}` takes yes or no")
        return said == "yes"

    def _text(self, entries: Mapping[str, Node], key: str, default: str | None = None) -> str:
        if key not in entries:
            return default or ""
        text = entries[key].text
        if not text:
            self._problem(entries[key].line, f"`{key}` takes one word")
        return text or ""

    def _name(self, name: str, line: int) -> str:
        if name and (not NAME.fullmatch(name) or name in RESERVED):
            self._problem(
                line,
                f"`{name}` is no name: small letters, digits and _, and not {', '.join(sorted(RESERVED))}",
            )
        return name

    def _only(self, name: str, node: Node, known: set[str], what: str = "step") -> None:
        for key in (node.entries or {}).keys() - known:
            self._problem(
                node.lines[key],
                f"unknown word `{key}` in the {what} `{name}`; it takes: {', '.join(sorted(known))}",
            )

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))
