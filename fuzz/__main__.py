"""`make fuzz SECONDS=60`: each parser for so long, guided by what of it each input covers; exit 1 on a find."""

import subprocess
import sys
from pathlib import Path

from fuzz.targets import TARGETS, seeds

HERE = Path(__file__).parent
FOUND = HERE / "found"
CORPUS = HERE / "corpus"


def hunt(name: str, seconds: int) -> bool:
    """Whether nothing was found in that time; what was is kept."""
    corpus = CORPUS / name
    for folder in (corpus, FOUND):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [
        f"-max_total_time={seconds}",
        "-timeout=10",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={FOUND}/{name}-",
    ]
    command = [sys.executable, "-m", "fuzz.one", name, str(corpus), "-print_final_stats=1", *limits]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    runs = next(
        (line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line), "?"
    )
    print(f"{name}: {runs} inputs, {'nothing found' if not done.returncode else 'FOUND'}", flush=True)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-3000:], sep="\n")
    return not done.returncode


def main() -> int:
    seconds, *names = sys.argv[1:] or ["60"]
    return int(sum(not hunt(name, int(seconds)) for name in names or TARGETS) > 0)


if __name__ == "__main__":
    sys.exit(main())
