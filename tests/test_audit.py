"""The audit of locked packages, asking a copy of the database of advisories on this machine."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.conftest import ROOT

WEAK = {
    "id": "PYSEC-2026-1",
    "summary": "a door stands open",
    "modified": "2026-01-01T00:00:00Z",
    "published": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "transitions"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0"}]}],
        }
    ],
}


async def audit(url: str, lock: Path) -> tuple[int | None, str]:
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "requirements/audit.py"), str(lock)),
        env={**os.environ, "KUNNAFONI_AUDIT_OSV": url},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await run.communicate()
    return run.returncode, said.decode()


@pytest.mark.parametrize(("version", "code"), [("0.9.3", 1), ("1.0", 0)])
async def test_a_package_with_a_known_weakness_fails_the_check(
    version: str, code: int, tmp_path: Path
) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"transitions=={version} --hash=sha256:{'0' * 64}\nclick==8.5 --hash=sha256:{'0' * 64}\n")

    async def query(request: web.Request) -> web.Response:
        asked = await request.json()
        weak = asked["package"]["name"] == "transitions" and asked["version"] == "0.9.3"
        return web.json_response({"vulns": [WEAK]} if weak else {})

    app = web.Application()
    app.add_routes([web.post("/v1/query", query)])
    async with TestServer(app) as osv:
        status, said = await audit(str(osv.make_url("/v1/query")), lock)
    assert status == code, said
    assert ("transitions 0.9.3: PYSEC-2026-1, mended in 1.0" in said) == bool(code)
    assert f"2 of 2 packages known to osv, {code} weaknesses" in said


async def test_where_no_source_answers_it_says_so_and_fails_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"transitions==0.9.3 --hash=sha256:{'0' * 64}\n")
    status, said = await audit("http://127.0.0.1:9/v1/query", lock)
    assert (status, "NO SOURCE OF ADVISORIES ANSWERED" in said) == (0, True)
