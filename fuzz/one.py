"""One parser, in a process of its own: `python -m fuzz.one NAME CORPUS [libFuzzer's options]`."""

import sys

import atheris

with atheris.instrument_imports(include=["bot"]):
    from fuzz.targets import TARGETS

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
