"""The whole house as an operator starts it, in a process of its own."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LISTENS = re.compile(r"listens on (http://\S+)")


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """`kunnafoni run --demo` on a free port, over a new store in that folder; its address."""
    command = [sys.executable, "-m", "bot", "run", "--demo", "--port", "0", "--data", str(folder / "data")]
    journal = folder / "journal.log"
    with (
        journal.open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as house,
    ):
        try:
            assert house.stdout is not None
            said = LISTENS.search(house.stdout.readline())
            assert said is not None, journal.read_text()
            yield said[1]
        finally:
            house.send_signal(signal.SIGTERM)
            house.communicate()
    assert house.returncode == 0, journal.read_text()
