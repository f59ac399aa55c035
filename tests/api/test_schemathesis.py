"""What a system might ask of `/api/v1` by mistake or malice, made of its own description: every check schemathesis has.

More by `SCHEMATHESIS=500 .venv/bin/pytest tests/api/test_schemathesis.py --timeout 900`.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.admin.api import gate
from tests.api.conftest import Comes

EXAMPLES = os.environ.get("SCHEMATHESIS", "12")
"""Requests made up for each address, beside those that its description suggests."""


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize(
    ("area", "phases"), [("", "examples,coverage,fuzzing,stateful"), ("ML/SEG/BLA", "fuzzing")]
)
async def test_nothing_that_can_be_asked_is_answered_otherwise_than_described(
    area: str, phases: str, url: str, system: Comes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "RATE", 0.0)  # whoever asks thousands of times would hear nothing but 429
    st = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("st"), "run", f"{url}/api/v1/openapi.json", "--checks", "all"),
        *("--header", f"Authorization: Bearer {(await system(area=area)).token}"),
        *("--max-examples", EXAMPLES, "--seed", "1", "--suppress-health-check", "all"),
        *("--phases", phases, "--request-timeout", "30"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await st.communicate()
    assert st.returncode == 0, said.decode()
