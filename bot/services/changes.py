"""What an import would do, before it does it: the same sheet twice changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from bot.flow.definition import Problem

Held = TypeVar("Held")


class Changes(Struct, Generic[Held], frozen=True):
    """What a sheet says, set against what is held. What it does not name stays as it is."""

    added: tuple[Held, ...]
    changed: tuple[Held, ...]
    unchanged: tuple[Held, ...]

    @property
    def new(self) -> tuple[Held, ...]:
        """All that must be written."""
        return self.added + self.changed

    def report(self, problems: list[Problem]) -> "Report":
        return Report(len(self.added), len(self.changed), len(self.unchanged), problems)


class Report(Struct, frozen=True):
    """What became of a sheet: rows by fate, and every row that was refused or needs a second look."""

    added: int
    changed: int
    unchanged: int
    problems: list[Problem]


def plan(old: Mapping[str, Held], new: Mapping[str, Held]) -> Changes[Held]:
    return Changes(
        added=tuple(one for key, one in new.items() if key not in old),
        changed=tuple(one for key, one in new.items() if key in old and old[key] != one),
        unchanged=tuple(one for key, one in new.items() if old.get(key) == one),
    )


class Difference(Struct, Generic[Held], frozen=True):
    """One cell of a row that would be another."""

    row: Held
    column: str
    before: str
    after: str


class Considered(Struct, Generic[Held], frozen=True):
    """What a sheet would do; nothing is done yet."""

    changes: Changes[Held]
    problems: list[Problem]
    held: Mapping[str, Held]
    key: Callable[[Held], str]
    """What a row is held by."""
    columns: Sequence[str]
    cells: Callable[[Held], Sequence[str]]
    """A row's, by column."""

    def differences(self) -> list[Difference[Held]]:
        return [
            Difference(row, *cell)
            for row in self.changes.changed
            for cell in zip(self.columns, self.cells(self.held[self.key(row)]), self.cells(row), strict=True)
            if cell[1] != cell[2]
        ]
