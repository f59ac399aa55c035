# make run · make test · make check · make bench — each prepares .venv by itself; nothing else is needed but Python >= 3.11.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

.PHONY: run setup dev check audit test measured bench morning country recovery growth lock clean format browser chaos kills fuzz

run: .venv/run.stamp
	$(BIN)/kunnafoni run $(ARGS)

setup: .venv/run.stamp

dev: .venv/dev.stamp

# Hashes are checked for every file; the project itself is installed in place.
.venv/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kunnafoni needs Python 3.11 or newer: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# What of these is used compiles when it is: most of it never is.
.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	$(PIP) --no-compile --require-hashes -r requirements/dev.txt
	@touch $@

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/kunnafoni check
	$(BIN)/pip check --disable-pip-version-check
	$(BIN)/python requirements/audit.py

# Known weaknesses of locked packages; where no source of advisories answers, it says so.
audit: dev
	$(BIN)/python requirements/audit.py

# The browser tests need a Chromium: Debian's package when we may install it.
browser:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "no chromium found: install it (Debian: apt-get install chromium) for the browser tests"

# The checks beside the tests, which often wait, for a process to start or for a disk: so three of them at a time, on two cores.
test: dev browser
	@$(MAKE) --no-print-directory -j 2 check measured

measured: dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3 --dist worksteal $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --include='bot/text/*,bot/flow/*' --fail-under=100

# Faults under load, with an account of what was acknowledged: docs/guarantees.md. CHAOS=full: what `make test` runs in short, at length.
chaos: dev
	CHAOS=full $(BIN)/python -m pytest -s --durations=0 tests/chaos tests/store/test_moving.py $(ARGS)

# Gateway, worker and store killed 200 times at random moments under load; at most 20 minutes. KILLS="--kills 20" for fewer.
KILLS ?=
kills: dev
	$(BIN)/python -m bench.kills $(KILLS)

# Guided by coverage, for so many seconds a parser: what it finds stays in fuzz/found. Ten million inputs: ARGS="--inputs 10000000".
SECONDS ?= 60
fuzz: dev
	$(PIP) --require-hashes -r requirements/fuzz.txt
	$(BIN)/python -m fuzz $(if $(ARGS),$(ARGS),$(SECONDS))

bench: dev
	$(BIN)/python -m bench $(ARGS)

# A million ASC an hour, held for ten minutes: ARGS='--minutes 1' for less.
morning: dev
	$(BIN)/python -m bench.morning $(ARGS)

# A month of 5,123 ASC on an accelerated clock: messages, costs, alerts, and that nothing is lost. ARGS=--quick: a district and a week.
country: dev
	$(BIN)/python -m bench.country $(ARGS)

# A year of a country in a store: bytes and seconds to the first dial, before and after archiving. ARGS="--share 10": a tenth.
recovery: dev
	$(BIN)/python -m bench.recovery $(ARGS)

# What stores of more and more contacts and rows weigh and cost, and how long they take to come back.
growth: dev
	$(BIN)/python -m bench.growth $(ARGS)

# Brings the locks up to date with pyproject.toml; no registry's name enters them.
lock: dev
	$(LOCK) -o requirements/run.txt pyproject.toml requirements/build.in
	$(LOCK) --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --group fuzz -o requirements/fuzz.txt

clean:
	rm -rf .venv data .coverage* .mypy_cache .ruff_cache .hypothesis .import_linter_cache
