"""Consoles that run in processes of their own, as the system sees them."""

from contextlib import suppress
from pathlib import Path

from bench.processes import children_of


def consoles_of(pid: int) -> list[int]:
    """Those that this process has started."""
    return [child for child in children_of(pid) if is_console(child)]


def is_console(pid: int) -> bool:
    """Whether it runs, too: of one that has ended no words are left."""
    with suppress(FileNotFoundError):
        return b"\0console\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
