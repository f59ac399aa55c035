"""Every conversation goes as it is written down: on the pure core; over HTTP: test_conversations_http."""

from pathlib import Path

import pytest

from bot.config import Settings
from bot.flow.release import Release
from bot.services.editing.line import PureLine
from bot.services.editing.talk import play, read

FILES = sorted((Path(__file__).parent / "conversations").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_a_conversation_goes_as_written(
    path: Path, release: Release, settings: Settings, pytestconfig: pytest.Config
) -> None:
    played = [
        "\n".join([line async for line in play(talk, PureLine(settings, release, talk))])
        for talk in read(path.read_text("utf-8"))
    ]
    text = "\n\n".join(played) + "\n"
    if pytestconfig.getoption("update"):
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")
