"""Gateway, worker and store killed under load, each of them once: `make chaos` kills two hundred times."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.kills.run import Plan, survived, table

FEW = Plan(kills=5, numbers=200, at_once=12, minutes=4, pause=0.3)


@pytest.mark.timeout(360)
async def test_nothing_acknowledged_is_lost_or_doubled_and_no_message_leaves_twice() -> None:
    with TemporaryDirectory(prefix="kills-") as folder:  # pytest's own is too long for a socket
        found = await survived(Path(folder), FEW)
    assert found.wrong == (), "\n".join(table(found))
    assert found.killed == {"gateway": 2, "worker": 1, "store": 2}
    assert found.counted["reports acknowledged"] > 5 * FEW.at_once
    assert FEW.at_once < found.counted["of them by SMS"] <= found.counted["messages"]
