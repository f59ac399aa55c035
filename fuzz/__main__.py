"""Each parser, guided by what of it each input covers: for so many seconds, or so many inputs in all; exit 1 on a find.

`python -m fuzz 60 [NAME…]` · `python -m fuzz --inputs 10000000 [--minutes 30] [NAME…]`
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

from fuzz.targets import LONGEST, SHARES, TARGETS, pieces, seeds

HERE = Path(__file__).parent
FOUND = HERE / "found"
CORPUS = HERE / "corpus"


def asked(told: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("words", nargs="*", help="seconds a parser, then the parsers; none: all")
    parser.add_argument("--inputs", type=int, default=0, help="of all parsers together, by their shares")
    parser.add_argument("--minutes", type=float, default=30, help="no parser takes longer, with --inputs")
    parser.add_argument("--jobs", type=int, default=2, help="parsers hunted in beside one another")
    return parser.parse_args(told)


def budgets(names: Iterable[str], inputs: int) -> dict[str, int]:
    """How many inputs each of these parsers gets, so that together they get at least that many."""
    shares = {name: SHARES[name] for name in names}
    whole = sum(shares.values())
    return {name: -(-inputs * share // whole) for name, share in shares.items()}


def hunt(name: str, seconds: int, inputs: int) -> tuple[int, bool]:
    """How many inputs it read, and whether nothing was found; what was is kept. `inputs` 0: all there is time for."""
    corpus = CORPUS / name
    for folder in (corpus, FOUND):
        folder.mkdir(parents=True, exist_ok=True)
    parts = [part for seed in seeds(name) for part in pieces(seed)]
    for number, part in enumerate(parts):
        (corpus / f"seed-{number}").write_bytes(part)
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        *([f"-runs={inputs}"] if inputs else []),
        "-timeout=10",
        "-rss_limit_mb=2048",
        f"-artifact_prefix={FOUND}/{name}-",
    ]
    command = [sys.executable, "-m", "fuzz.one", name, str(corpus), "-print_final_stats=1", *limits]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    told = [line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line]
    runs = int(told[0]) if told else 0
    print(f"{name}: {runs:,} inputs, {'nothing found' if not done.returncode else 'FOUND'}", flush=True)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-3000:], sep="\n", flush=True)
    return runs, not done.returncode


def main() -> int:
    options = asked()
    words = list(options.words)
    seconds = int(words.pop(0)) if words and words[0].isdigit() else int(options.minutes * 60)
    names = [name for name in SHARES if name in words] if words else list(TARGETS)
    budget = budgets(names, options.inputs)
    slow_first = sorted(names, key=SHARES.__getitem__)
    began = monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda name: hunt(name, seconds, budget[name]), slow_first))
    read, found = sum(runs for runs, _ in results), sum(not clean for _, clean in results)
    print(
        f"{read:,} inputs over {len(names)} parsers in {monotonic() - began:.0f} s, errors in {found} of them"
    )
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
