"""The flow and word files on disk: those of the folder we stand in, else those shipped in the package."""

from importlib.resources import files
from pathlib import Path

from bot.flow.release import Source

SHIPPED = "_shipped"


def source(root: Path) -> Source:
    """The files of `flows/` and `locales/` below a folder. Raises FileNotFoundError when there are none."""
    flows = {
        f"flows/{path.name}": path.read_text("utf-8") for path in sorted((root / "flows").glob("*.yaml"))
    }
    words = {path.stem: path.read_text("utf-8") for path in sorted((root / "locales").glob("*.po"))}
    if not flows or "fr" not in words:
        raise FileNotFoundError(f"no flows/*.yaml, or no locales/fr.po, in {root.resolve()}")
    return Source(flows, words)


def root() -> Path:
    """Where the files of this installation are: the folder we stand in when it has flows, else the package's own."""
    if (Path("flows").is_dir() and Path("locales").is_dir()) or not _shipped().is_dir():
        return Path() if Path("flows").is_dir() else Path(str(files("bot"))).parent
    return _shipped()


def _shipped() -> Path:
    return Path(str(files("bot"))) / SHIPPED
