"""Every sentence the pages of flows and words ask for is there, in French and in English."""

import re
from pathlib import Path

import pytest

from bot.admin.problems import told
from bot.admin.said import LANGUAGES, Speech, load
from bot.flow.definition import Problem

HOME = Path(__file__).parents[2] / "bot"
PAGES = ("flow", "draft", "step", "word", "release", "overtaken", "impossible", "imported", "differences")


def asked() -> set[str]:
    keys = set()
    for file in (HOME / "admin/templates").glob("*.html"):
        if file.name.startswith(PAGES):
            keys |= set(re.findall(r'\bt\(["\']([\w./]+)["\'][,)]', file.read_text("utf-8")))
    for file in (HOME / "admin/pages").glob("*.py"):
        keys |= set(re.findall(r'"(said\.\w+)"', file.read_text("utf-8")))
    for file in (*(HOME / "services/editing").glob("*.py"), *(HOME / "admin/pages").glob("*.py")):
        keys |= {f"cannot.{key}" for key in re.findall(r'Impossible\("(\w+)"', file.read_text("utf-8"))}
    return keys


def test_every_sentence_is_there_in_both_languages() -> None:
    words = load()
    keys = asked()
    assert len(keys) > 150
    for language in LANGUAGES:
        assert [key for key in sorted(keys) if words.get(language, key) is None] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_editor_is_said_in_each_language_and_none_in_the_other(language: str) -> None:
    words = load()
    said = [(words.get(language, key), words.get("fr", key)) for key in asked()]
    assert [own.key for own, french in said if own and french and not own.says(french)] == []


def test_a_problem_is_told_in_the_reader_s_words_or_as_it_is() -> None:
    words = load()
    problems = [
        Problem("f", 1, "`stock.thanks` takes 170 septets at its longest, and a screen 156"),
        Problem("f", 2, "dead end: the answer `yes` of `sure` leads nowhere"),
        Problem("f", 3, "dead end: `why` wants an `else:` exit, any answer can come"),
        Problem("f", 4, "something new"),
    ]
    french = [problem.message for problem in told(Speech(words, "fr", lambda _: None), problems)]  # type: ignore[arg-type,return-value]
    assert french == [
        "« stock.thanks » prend 170 septets au plus long ; un écran en porte 156.",
        "La réponse « yes » de « sure » ne mène nulle part.",
        "« why » : dites où mène toute autre réponse.",
        "something new",
    ]
