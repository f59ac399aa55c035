"""What an editor asked for and cannot have; `key` names the sentence that says why."""


class Impossible(Exception):  # noqa: N818 - the editor's answer, not an error of the program
    """The change cannot be made as asked."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key}: {values}" if values else key)
        self.key = key
        self.values = values
