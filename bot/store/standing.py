"""The latest row of a subject as it is read back: what its key and its field say is put beside what is written."""

from typing import Any

from msgspec import Struct, json, structs


class Standing(Struct, frozen=True):
    """A row that stands: the latest of its subject."""

    id: str
    answers: dict[str, Any]
    at: int
    kind: str = ""
    """Of a kind or, behind a colon, of what: a product, a training. Neither is in the row as it is written."""
    subject: str = ""
    prev: "Standing | None" = None
    """What stands again if it is taken back."""

    @property
    def entry(self) -> str:
        """The ledger entry it is a row of."""
        return self.id.rpartition("-")[0]

    @property
    def order(self) -> tuple[int, int, int]:
        ms, number, *_, index = self.id.split("-")
        return int(ms), int(number), int(index)


def standing(subject: str, said: bytes) -> Standing:
    """The row that is written under that subject."""
    row = json.decode(said, type=Standing)
    named = {"kind": subject.partition(":")[0], "subject": subject}
    prev = structs.replace(row.prev, **named) if row.prev else None
    return structs.replace(row, prev=prev, **named)
