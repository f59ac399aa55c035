"""Whether a locked package has a known weakness: `python requirements/audit.py`; exit 1 if one has.

Asks the index that pip asks, and the public database of advisories (OSV) when the index says nothing. Where neither
answers, as behind a wall, it says that nothing is known, and fails nothing. `KUNNAFONI_AUDIT_OSV` names a copy of OSV.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCKS = ("run.txt", "dev.txt", "fuzz.txt")
TIME = 45
"""Seconds for one source, all locks; a package is asked about in a few of them at most."""
OSV = "KUNNAFONI_AUDIT_OSV"


def ask(service: str, *locks: Path) -> list[dict[str, Any]] | None:
    """What a source says of each package; None when it does not answer."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--timeout", "10", "--format", "json"]
    command += ["--progress-spinner", "off", "--vulnerability-service", service]
    command += [part for lock in locks for part in ("--requirement", str(lock))]
    if service == "osv" and (copy := os.environ.get(OSV)):
        command += ["--osv-url", copy]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME, check=False)
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return told


def known(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of which the source knows at all."""
    return [one for one in told if "skip_reason" not in one]


def weaknesses(told: list[dict[str, Any]]) -> Iterator[str]:
    for one in known(told):
        for found in one["vulns"]:
            mended = ", ".join(found["fix_versions"]) or "no version yet"
            yield f"{one['name']} {one['version']}: {found['id']}, mended in {mended}"


def main() -> int:
    locks = [Path(name) for name in sys.argv[1:]] or [HERE / name for name in LOCKS]
    services = ("osv",) if os.environ.get(OSV) else ("pypi", "osv")
    for service in services:
        told = ask(service, *locks)
        if told and known(told):
            found = sorted(set(weaknesses(told)))
            print(*found, sep="\n", end="\n" if found else "")
            print(
                f"audit: {len(known(told))} of {len(told)} packages known to {service}, {len(found)} weaknesses"
            )
            return int(bool(found))
    print("audit: NO SOURCE OF ADVISORIES ANSWERED: nothing is known of weaknesses; run it where one does")
    return 0


if __name__ == "__main__":
    sys.exit(main())
