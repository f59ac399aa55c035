"""The documents say what is so: links lead somewhere, files and commands exist, examples go as they are written."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli import main
from bot.config import Settings
from bot.flow.check import check, lint
from bot.flow.definition import Problem
from bot.flow.release import Release, Source
from bot.metrics import Metrics
from bot.services.editing.line import PureLine
from bot.services.editing.talk import play, read
from bot.store.ledger import Row
from bot.store.outbox import Line
from tests.conftest import ROOT

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FLOWS = ROOT / "docs" / "writing-a-flow.md"
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PLACE = re.compile(r"`((?:bot|tests|flows|locales|docs|bench|requirements)/[^`\s]*)`")
MISSING = "has no words"
"""What `check` says of each sentence that an example leaves out."""

of_each = pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))


def blocks(path: Path, mark: str) -> list[str]:
    """The fenced blocks of a document that bear this mark."""
    return [body for said, body in BLOCK.findall(path.read_text("utf-8")) if said == mark]


def examples(mark: str) -> list[str]:
    """The blocks of the guide to flows; there is one at least."""
    found = blocks(FLOWS, mark)
    assert found, mark
    return found


def anchors(path: Path) -> set[str]:
    """What a link may name in a document: its headings, as they become addresses."""
    headings = HEADING.findall(BLOCK.sub("", path.read_text("utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@of_each
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(path.read_text("utf-8")):
        if link.startswith("https://"):
            continue
        file, _, heading = link.partition("#")
        there = path.parent / file if file else path
        assert there.exists(), link
        assert not heading or heading in anchors(there), link


@of_each
def test_every_file_that_is_named_is_there(path: Path) -> None:
    for name in PLACE.findall(path.read_text("utf-8")):
        assert (ROOT / name).exists() or list(ROOT.glob(name)), name


@of_each
def test_every_command_exists_with_its_options(path: Path) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for words in map(shlex.split, "".join(blocks(path, "sh")).splitlines()):
        if words[0] == "make":
            assert words[1] in targets, words
        elif words[0].endswith("kunnafoni"):
            assert list(unknown(main, words[1:])) == [], words


def unknown(command: click.Command, words: list[str]) -> Iterator[str]:
    """What of these words is no subcommand or option of the command."""
    if isinstance(command, click.Group):
        if words[0] in command.commands:
            yield from unknown(command.commands[words[0]], words[1:])
        else:
            yield words[0]
        return
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    yield from (word for word in words if word.startswith("-") and word not in options)


def test_every_metric_is_documented() -> None:
    metrics = {family.name for family in Metrics().registry.collect()}
    named = re.findall(r"^\| `(kunnafoni_\w+?)(?:_total)?` \|", operating(), re.MULTILINE)
    assert set(named) == metrics


def test_every_column_of_an_export_is_documented() -> None:
    for name in (*Row.__struct_fields__, *Line.__struct_fields__):
        assert f"`{name}`" in operating()


def operating() -> str:
    return (ROOT / "docs" / "operating.md").read_text("utf-8")


def with_flow(source: Source, text: str, words: str = "") -> Source:
    """The shipped files with this flow among them, in place of the one of its name."""
    name = text.partition("flow: ")[2].partition("\n")[0]
    flows = {**source.flows, f"flows/{name}.yaml": text}
    return Source(flows, {**source.words, "fr": source.words["fr"] + "\n" + words})


def problems(found: list[Problem], file: str = "") -> list[str]:
    """The errors, but for sentences left out; of one file, if it is named."""
    wanted = (one for one in found if one.level == "error" and MISSING not in one.message)
    return [str(one) for one in wanted if one.file == (file or one.file)]


@pytest.mark.parametrize("text", examples("yaml flow"))
def test_every_flow_of_the_guide_is_right(shipped: Source, text: str) -> None:
    assert problems(lint(Release(with_flow(shipped, text)))) == []


@pytest.mark.parametrize("steps", examples("yaml step"))
def test_every_step_of_the_guide_is_right(shipped: Source, steps: str) -> None:
    start = steps.partition(":")[0]
    end = "thanks: end\n" if "thanks" in steps else ""
    flow = f"flow: example\nstart: {start}\n{steps}{end}"
    assert problems(lint(Release(with_flow(shipped, flow)))) == []


def test_the_broken_flow_of_the_guide_is_told_what_is_wrong(shipped: Source) -> None:
    (broken,) = examples("yaml broken")
    (told,) = examples("text problems")
    assert problems(check(with_flow(shipped, broken)), "flows/visit.yaml") == told.splitlines()


@pytest.mark.parametrize("path", [ROOT / "README.md", FLOWS], ids=lambda path: path.name)
async def test_every_conversation_goes_as_written(
    path: Path, shipped: Source, settings: Settings, tmp_path: Path
) -> None:
    first, words = examples("yaml flow")[0], examples("po words")[0]
    release = Release(with_flow(shipped, first, words) if path == FLOWS else shipped, 1)
    talks = blocks(path, "text conversation")
    assert talks
    for text in talks:
        file = tmp_path / "conversation.txt"
        file.write_text(text, "utf-8")
        (talk,) = read(file.read_text("utf-8"))
        played = [line async for line in play(talk, PureLine(settings, release, talk))]
        assert "\n".join(played) + "\n" == text
