"""A flow file written to harm: an error with its line, in no time, whatever it holds."""

import tracemalloc
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest
import yaml
from msgspec.structs import replace

from bot import files
from bot.flow import document, reading
from bot.flow.check import lint
from bot.flow.definition import FlowError
from bot.flow.questions import load
from bot.flow.release import Release, Source

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMBS = {
    "billion laughs": LAUGHS,
    "a merge": "a: &a {b: c}\nd:\n  <<: *a\n",
    "lists": "[" * 60_000,
    "dashes": "- " * 30_000,
    "questions": "? " * 30_000,
    "mappings": "".join(f"{' ' * depth}a:\n" for depth in range(300)),
    "too long": "a: b\n" * 20_000,
    "no letter": '\n\na: "\\UFFFFFFFF"',
    "beyond unicode": 'a: "\\U00110000"',
    "half a letter": "a: \ud800",
    "a control": "a: \x07",
    "two documents": "a: b\n---\na: b\n",
    "another version": "%YAML 9.9\n---\na: b",
    "tags": "!<" * 30_000,
    "no end": '"' * 60_001,
    "names": "\n".join(f"k{number}: v" for number in range(5000)) + "\nno colon",
    "nothing": "",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_an_error_with_its_line(text: str) -> None:
    began = process_time()
    with pytest.raises(FlowError) as wrong:
        document.read("flows/bomb.yaml", text)
    assert process_time() - began < 5
    assert all(problem.file == "flows/bomb.yaml" and problem.line >= 1 for problem in wrong.value.problems)


EXIT = "flow: evil\nstart: s\ns:\n  ask: number\n  between: 0..9\n  then:\n    {0}: z\n    else: z\nz: end\n"
MENU = "flow: evil\nmenu: {0}\nstart: z\nz: end\n"


@pytest.mark.parametrize("number", ["²", "--5", "9" * 900, f"0..{'9' * 900}", "٣..٥", "-²"])
def test_a_number_nobody_can_count_to_is_an_error_or_a_word(number: str, shipped: Source) -> None:
    text = EXIT.format(number)
    with suppress(FlowError):
        lint(Release(replace(shipped, flows={**shipped.flows, "flows/evil.yaml": text})), {})


def looks(many: int, exits: str) -> str:
    """So many looks, each leading to the next."""
    steps = (f"s{place}:\n  look: role\n  then: {exits.format(place + 1)}\n" for place in range(many))
    return f"flow: evil\nstart: s0\n{''.join(steps)}s{many}: end\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (looks(60, "{{asc: s{0}, dtc: s{0}, else: s{0}}}"), "more than 200 ways lead on"),
        (looks(1900, "s{0}"), "more than 100 steps lead to"),
        (
            (
                "flow: evil\nstart: e\ne:\n  each: products\n  do: b\n  then: z\n"
                "b:\n  record: checkin\n  then: next\nz: end\n"
            ),
            "`b` leads back to itself without asking anything",
        ),
    ],
    ids=["fan", "chain", "loop"],
)
def test_ways_without_end_are_not_walked(text: str, wrong: str, shipped: Source) -> None:
    began = process_time()
    with pytest.raises(FlowError, match=wrong):
        Release(replace(shipped, flows={**shipped.flows, "flows/evil.yaml": text}))
    assert process_time() - began < 5


ASKED = "flow: evil\nstart: s\ns:\n  ask: {0}\n  {1}\n  then: z\nz: end\n"


@pytest.mark.parametrize("most", ["99999", "9" * 11, "9" * 20, "9" * 900, "9" * 5000])
@pytest.mark.parametrize("asked", ["date, days", "number, between", "text, length"])
def test_a_range_beyond_all_measure_is_an_error_and_takes_no_room(
    asked: str, most: str, shipped: Source
) -> None:
    """Looking for the longest answer, one of so many letters was written down."""
    kind, word = asked.split(", ")
    text = ASKED.format(kind, f"{word}: 0..{most}")
    tracemalloc.start()
    with suppress(FlowError):
        lint(Release(replace(shipped, flows={"flows/evil.yaml": text})), {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 16, "-3", "²", "٣"])
def test_a_place_in_the_menu_is_a_number(number: str) -> None:
    with pytest.raises(FlowError, match="`menu` takes a whole number"):
        reading.parse("flows/evil.yaml", MENU.format(number), load())


def test_a_tag_makes_no_object() -> None:
    node, _ = document.read("f.yaml", "a: !!python/object/apply:os.system [echo]\nb: !!int 1\n")
    assert node.entries is not None
    assert node.entries["b"].text == "1"


def test_a_file_longer_than_anybody_writes_is_not_read_in(tmp_path: Path) -> None:
    path = tmp_path / "fr.po"
    with path.open("wb") as sparse:
        sparse.truncate(1 << 40)
    with pytest.raises(FlowError, match="longer than 1 MiB"):
        files.read(path)


def told(node: document.Node) -> object:
    """A document as it was read, with its lines."""
    if node.entries is not None:
        return {name: (node.lines[name], told(value)) for name, value in node.entries.items()}
    return [told(item) for item in node.items] if node.items is not None else (node.line, node.text)


def test_what_we_ship_reads_alike_with_and_without_libyaml(
    shipped: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where PyYAML comes without libyaml its own reader is taken, which refuses a few oddities."""
    readers = {yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)}
    assert document.LOADER in readers
    found = []
    for reader in readers:
        monkeypatch.setattr(document, "LOADER", reader)
        found.append({name: told(document.read(name, text)[0]) for name, text in shipped.flows.items()})
    assert len(found[0]) > 5
    assert found[0] == found[-1]
