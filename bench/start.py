"""How long a house takes from `kunnafoni run` on an empty folder to the first dial it answers."""

import sys
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

from bench.phones import NETWORK, PATH
from bench.processes import PATIENCE, port_of, started


def measure(folder: Path, times: int) -> float:
    """Seconds, the median of so many; one more goes before them, so that the files are in memory."""
    return median([_first_dial(folder / f"start{number}") for number in range(times + 1)][1:])


def _first_dial(folder: Path) -> float:
    folder.mkdir()
    log = folder / "kunnafoni.log"
    command = [sys.executable, "-m", "bot", "run", "--data", str(folder / "data"), "--port", "0", "--demo"]
    began = perf_counter()
    with started(command, log) as house:
        shown = dial(port_of(house, log))
        seconds = perf_counter() - began
    if not shown.startswith("CON "):
        raise ValueError(f"the first dial was answered {shown!r}")
    return seconds


def dial(port: int) -> str:
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    call = {
        "sessionId": "ATUid_1",
        "phoneNumber": "+22370000001",
        "networkCode": NETWORK,
        "serviceCode": "*123#",
        "text": "",
    }
    line.request("POST", PATH, urlencode(call), {"Content-Type": "application/x-www-form-urlencoded"})
    answer = line.getresponse().read().decode()
    line.close()
    return answer
