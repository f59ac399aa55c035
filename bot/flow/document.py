"""YAML as written: every scalar a string, every node with its line; nothing that could blow up."""

from collections.abc import Iterator

import yaml

from bot.flow.definition import FlowError, Problem

LONGEST = 64 * 1024
DEEPEST = 8
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads ten times as fast where PyYAML brings its own libyaml, as its wheels do."""


class Node:
    """A scalar (`text`), a list (`items`) or a mapping (`entries`), and the line it starts on."""

    def __init__(self, node: yaml.Node, file: str, problems: list[Problem]) -> None:
        self.line: int = node.start_mark.line + 1
        self.text: str | None = node.value if isinstance(node, yaml.ScalarNode) else None
        self.items: list[Node] | None = None
        self.entries: dict[str, Node] | None = None
        self.lines: dict[str, int] = {}
        if isinstance(node, yaml.SequenceNode):
            self.items = [Node(item, file, problems) for item in node.value]
        elif isinstance(node, yaml.MappingNode):
            self.entries = {}
            for key, value in node.value:
                self._enter(key, Node(value, file, problems), file, problems)

    def _enter(self, key: yaml.Node, value: "Node", file: str, problems: list[Problem]) -> None:
        entries = self.entries or {}
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        line = key.start_mark.line + 1
        if not name:
            problems.append(Problem(file, line, "a name is missing before the colon"))
        elif name in entries:
            problems.append(
                Problem(file, line, f"`{name}` stands twice; the first is on line {self.lines[name]}")
            )
        else:
            self.lines[name] = line
            entries[name] = value
        self.entries = entries

    def words(self) -> list[str] | None:
        """The node as a list of names: `[a, b]`, or None when it is anything else."""
        if self.items is None or any(item.text is None for item in self.items):
            return None
        return [item.text or "" for item in self.items]


def read(file: str, text: str) -> tuple[Node, list[Problem]]:
    """The document and what is wrong in its form. Raises FlowError when it is no YAML mapping at all."""
    if len(text) > LONGEST:
        raise FlowError([Problem(file, 1, f"the file is longer than {LONGEST // 1024} KiB")])
    problems: list[Problem] = []
    try:
        problems += _unsafe(file, text)
        node = None if problems else yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FlowError([Problem(file, line, f"not readable as YAML: {error.problem}")]) from error
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # `"\\U00110000"` is no letter: it lets chr() say so
        raise FlowError([Problem(file, 1, f"not readable as YAML: {error}")]) from error
    if problems:
        raise FlowError(problems)
    if not isinstance(node, yaml.MappingNode):
        raise FlowError([Problem(file, 1, "a flow file starts with `flow: name`")])
    return Node(node, file, problems), problems


def _unsafe(file: str, text: str) -> Iterator[Problem]:
    """Aliases can multiply without end and nesting can exhaust the reader: neither has a use in a flow."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            yield Problem(file, line, "YAML anchors and aliases (& and *) are not used in flows")
            return
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            yield Problem(file, line, f"nested deeper than {DEEPEST} levels")
            return
