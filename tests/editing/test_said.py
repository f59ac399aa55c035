"""Every sentence the pages of flows and words ask for is there, in French and in English."""

import ast
import re
from collections.abc import Iterator
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


SAYS = {"Problem": 2, "_problem": 1, "_error": 1, "CatalogError": 1, "ValueError": 0}
"""What makes a sentence of a check, and which of its arguments is the sentence."""
CARRIED = {"error.message", "message", "str(error).rpartition(' on ')[0]"}
"""Sentences handed on, which were made elsewhere."""


WRAPPED = {"`7`: 7", "7: 7"}
"""A complaint behind the name of what it concerns; the complaint itself is among the others."""


def of_checks() -> Iterator[tuple[str, str]]:
    """Every sentence that a check can say, read in the code, with 7 for what is only known later."""
    files = [*(HOME / "flow").rglob("*.py"), HOME / "text/po.py", HOME / "text/catalog.py"]
    for file in files:
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(call, ast.Call)
                and (place := SAYS.get(ast.unparse(call.func).rpartition(".")[2])) is not None
            ):
                sentence = call.args[place]
                if ast.unparse(sentence) not in CARRIED:
                    yield f"{file.name}:{call.lineno}", sample(sentence)


def sample(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.JoinedStr), ast.unparse(node)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else later(ast.unparse(part))
        for part in node.values
    )


def later(what: str) -> str:
    return {"{file_of(language)}": "locales/fr.po", "{instead}": ""}.get(what, "7")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_every_check_is_said_in_the_reader_s_language(language: str) -> None:
    speech = Speech(load(), language, lambda _: None)  # type: ignore[arg-type,return-value]
    sentences = [(where, said) for where, said in of_checks() if said not in WRAPPED]
    assert len(sentences) > 70
    silent = [
        (where, said) for where, said in sentences if told(speech, [Problem("f", 1, said)])[0].message == said
    ]
    assert silent == []


def test_a_question_s_complaint_is_told_with_its_step() -> None:
    speech = Speech(load(), "fr", lambda _: None)  # type: ignore[arg-type,return-value]
    (problem,) = told(speech, [Problem("f", 1, "`left`: `between` wants two whole numbers: 0..9999")])
    assert problem.message == "left : « De … à … » veut deux nombres entiers : 0..9999."
