"""The flow and word files on disk: those of the folder we stand in, else those shipped in the package."""

from importlib.resources import files
from pathlib import Path

from bot.flow.definition import FlowError, Problem
from bot.flow.release import Source

SHIPPED = "_shipped"
LONGEST = 1 << 20
"""Bytes of a flow or word file: forty times the longest we ship."""


def source(root: Path) -> Source:
    """The files of `flows/` and `locales/` below a folder. Raises FlowError when there are none, or not UTF-8."""
    flows = {f"flows/{path.name}": read(path) for path in sorted((root / "flows").glob("*.yaml"))}
    words = {path.stem: read(path) for path in sorted((root / "locales").glob("*.po"))}
    if not flows or "fr" not in words:
        raise FlowError([Problem(str(root), 0, "there are no flows/*.yaml here, or no locales/fr.po")])
    return Source(flows, words)


def conversations(root: Path) -> dict[str, str]:
    """The conversations below a folder that every release must be able to hold, by file name; none is no error."""
    folder = next((f for f in (root / "tests/conversations", root / "conversations") if f.is_dir()), root)
    return {path.stem: read(path) for path in sorted(folder.glob("*.txt"))}


def read(path: Path) -> str:
    """A file as text. Raises FlowError when it is not UTF-8, or longer than anybody writes."""
    with path.open("rb") as file:
        content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise FlowError([Problem(str(path), 1, f"the file is longer than {LONGEST >> 20} MiB")])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FlowError([Problem(str(path), line, f"not UTF-8: byte {content[error.start]:#04x}")]) from error


def config() -> Path:
    """The settings: of the folder we stand in, else those shipped."""
    own = Path("config.toml")
    return own if own.exists() else _home() / "config.toml"


def root() -> Path:
    """Where the flows and words are: the folder we stand in when it has both, else where the program is."""
    return Path() if Path("flows").is_dir() and Path("locales").is_dir() else _home()


def _home() -> Path:
    package = Path(str(files("bot")))
    return package / SHIPPED if (package / SHIPPED).is_dir() else package.parent
