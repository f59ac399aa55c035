"""`check`, `show`, `translations` and `schema`: what they say of flows, words and settings, line by line."""

import json
from pathlib import Path

import pytest

from tests.cli.operator import Operator
from tests.conftest import ROOT


def change(path: Path, old: str, new: str) -> int:
    """Change a file; the line where."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_shipped_files_are_right(operator: Operator) -> None:
    said = operator.types("check")
    assert (said.code, said.out, said.err) == (0, "", "0 errors, 0 warnings\n")


def test_a_mistake_in_a_flow_is_said_with_its_line(operator: Operator, folder: Path) -> None:
    line = change(folder / "flows/stock.yaml", "then: arrivals", "then: arival")
    said = operator.types("check")
    assert said.code == 1
    assert said.out.startswith(f"flows/stock.yaml:{line}: ")
    assert "arival" in said.out
    assert said.err == "1 errors, 0 warnings\n"


def test_every_mistake_is_said_one_a_line(operator: Operator, folder: Path) -> None:
    first = change(folder / "flows/stock.yaml", "start: held", "start: nowhere")
    second = change(folder / "flows/alert.yaml", "then: keep", "then: kept")
    said = operator.types("check")
    places = [line.split(": ")[0] for line in said.lines]
    assert (said.code, places) == (1, [f"flows/alert.yaml:{second}", f"flows/stock.yaml:{first}"])


def test_a_mistake_in_the_words_is_said_with_its_line(operator: Operator, folder: Path) -> None:
    line = change(folder / "locales/fr.po", "transmise : {event}", "transmise : {evnt}")
    said = operator.types("check")
    assert (said.code, said.out.count("evnt")) == (1, 1)
    place = next(problem for problem in said.lines if "evnt" in problem).split(": ")[0]
    assert place in (f"locales/fr.po:{line - 1}", f"locales/fr.po:{line}")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("[server]\nport = 8080\nprt = 1", "config.toml:3: server.prt: no such setting, port is meant?"),
        ("[server]\n\nport = 'x'", "config.toml:3: server.port: expected int, got str"),
        ("[store]\nurl = 'redis://u:p@h'", "config.toml:2: store.url: a password is never kept in a file"),
        ("[programme]\nlanguages = ['fr', 'ff']", "config.toml:1: the language `ff` has no locales/ff.po"),
        ("[channels.smoke]", "config.toml:1: channels.smoke: there is no channel 'smoke', only "),
        (
            "[channels.africastalking]\nratee = 1",
            "config.toml:2: channels.africastalking.ratee: no such setting",
        ),
        (
            "[channels.africastalking]\ncallback_key = ''",
            "config.toml:1: channels.africastalking: callback_key",
        ),
    ],
)
def test_a_mistake_in_the_settings_is_said_and_stops_the_start(
    operator: Operator, folder: Path, settings: str, problem: str
) -> None:
    (folder / "config.toml").write_text(settings)
    checked = operator.types("check")
    assert (checked.code, checked.lines[0][: len(problem)]) == (1, problem)
    named = operator.types("check", "config.toml")
    assert (named.code, named.lines[0][: len(problem)]) == (1, problem)
    if "ff.po" not in problem:
        started = operator.types("run", "--port", "0")
        assert (started.code, started.err[: len(problem)], started.out) == (1, problem, "")


def test_a_mistake_in_the_environment_is_said_by_its_name(operator: Operator) -> None:
    env = {"KUNNAFONI_SERVER__PORT": "high", "KUNNAFONI_SERVER__PROT": "1"}
    for words in (["check"], ["contacts", "export"]):
        said = operator.types(*words, env=env)
        assert said.code == 1
        assert "KUNNAFONI_SERVER__PORT" in said.out + said.err
        assert "KUNNAFONI_SERVER__PROT" in said.out + said.err


def test_one_file_is_looked_at_by_itself(operator: Operator, folder: Path) -> None:
    for name in ("alert", "help"):
        flow = folder / f"flows/{name}.yaml"
        flow.write_text(f"{flow.read_text('utf-8')}\nnowhere: end\n", "utf-8")
    assert {line.split(":")[0] for line in operator.types("check").lines} >= {
        "flows/alert.yaml",
        "flows/help.yaml",
    }
    for path in ("flows/stock.yaml", "config.toml"):
        said = operator.types("check", path)
        assert (said.code, said.out) == (0, ""), path
    alone = operator.types("check", "flows/alert.yaml")
    assert (alone.code, {line.split(":")[0] for line in alone.lines}) == (1, {"flows/alert.yaml"})
    both = operator.types("check", "flows/help.yaml", "flows/alert.yaml", "config.toml")
    assert {line.split(":")[0] for line in both.lines} == {"flows/alert.yaml", "flows/help.yaml"}


def test_a_translation_with_another_placeholder_is_said(operator: Operator, folder: Path) -> None:
    change(
        folder / "locales/bm.po",
        "KUNNAFONI MA SƆRƆ ({what}) kabini tile {days}",
        "KUNNAFONI MA SƆRƆ ({what}) kabini tile {day}",
    )
    for words in (["check"], ["check", "locales/bm.po"]):
        said = operator.types(*words)
        assert (said.code, len(said.lines), said.out.startswith("locales/bm.po:")) == (1, 1, True)


def test_a_file_from_elsewhere_is_read_in_place_of_ours(operator: Operator, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "stock.yaml").write_text((ROOT / "flows/stock.yaml").read_text().replace("0..9999", "9999..0"))
    said = operator.types("check", str(sent / "stock.yaml"))
    assert said.code == 1
    assert said.out.startswith(f"{sent}/stock.yaml:")
    (sent / "bm.po").write_text((ROOT / "locales/bm.po").read_text())
    folder = operator.types("check", str(sent))
    assert folder.code == 1
    (sent / "stock.yaml").unlink()
    assert operator.types("check", str(sent)).code == 0
    assert operator.types("check", str(sent / "bm.po")).code == 0


def test_a_new_flow_without_words_misses_them(operator: Operator, folder: Path) -> None:
    flow = folder / "flows/survey.yaml"
    flow.write_text(
        "flow: survey\nmenu: 9\nstart: water\nwater:\n  ask: yesno\n  then: thanks\nthanks: end\n"
    )
    said = operator.types("check", "flows/survey.yaml")
    assert said.code == 1
    assert all(line.startswith("flows/survey.yaml:") for line in said.lines)
    assert any("survey.water" in line for line in said.lines)


def test_what_cannot_be_read_is_said(operator: Operator, folder: Path) -> None:
    (folder / "flows/stock.yaml").write_bytes("flow: stock # é".encode("latin-1"))
    said = operator.types("check")
    assert (said.code, said.out.startswith("flows/stock.yaml:1: ")) == (1, True)
    assert operator.types("show", "menu").code == 1
    assert operator.types("check", "flows/nosuch.yaml").code == 2


def test_a_flow_is_shown_as_a_script_with_its_septets(operator: Operator) -> None:
    french, bambara = operator.types("show", "stock"), operator.types("show", "stock", "--lang", "bm")
    assert french.code == bambara.code == 0
    assert french.lines[0] == "stock (flows/stock.yaml), for asc, in fr. Begins at: held"
    assert "of 156 septets" in french.out
    assert "in bm" in bambara.lines[0]
    assert french.lines[1:] != bambara.lines[1:]


@pytest.mark.parametrize("words", [("nosuch",), ("stock", "--lang", "xx"), ()])
def test_a_flow_or_language_there_is_not_is_wrong_usage(operator: Operator, words: tuple[str, ...]) -> None:
    said = operator.types("show", *words)
    assert (said.code, said.out) == (2, "")
    assert not words or "stock" in said.err


def test_flows_with_mistakes_are_not_shown_nor_translated_nor_started(
    operator: Operator, folder: Path
) -> None:
    line = change(folder / "flows/stock.yaml", "start: held", "start: nowhere")
    for words in (["show", "menu"], ["translations"], ["run", "--port", "0"]):
        said = operator.types(*words)
        assert (said.code, said.out) == (1, "")
        assert said.err.splitlines()[-1].startswith(f"flows/stock.yaml:{line}: ")


def test_flows_that_can_be_read_but_not_gone_through_are_not_started(
    operator: Operator, folder: Path
) -> None:
    with (folder / "flows/help.yaml").open("a") as flow:
        flow.write("\nnowhere: end\n")
    said = operator.types("run", "--port", "0")
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines()[-1].startswith("flows/help.yaml:")


def test_the_shipped_words_are_up_to_date(operator: Operator, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in (folder / "locales").iterdir()}
    said = operator.types("translations")
    assert said.code == 0
    assert [line.split(":")[0] for line in said.lines] == ["locales/bm.po", "locales/fr.po"]
    assert all("missing" in line and "to be reviewed by a speaker" in line for line in said.lines)
    assert {path.name: path.read_bytes() for path in (folder / "locales").iterdir()} == before


def test_words_are_brought_up_to_date_by_key_and_only_once(operator: Operator, folder: Path) -> None:
    change(folder / "locales/fr.po", "Alerte enregistrée et", "Alerte bien enregistrée et")
    bambara = folder / "locales/bm.po"
    said = operator.types("translations")
    assert (said.code, " 1 fuzzy" in said.lines[0]) == (0, True)
    now = bambara.read_text("utf-8")
    assert '#| msgid "Alerte enregistrée et' in now
    again = operator.types("translations")
    assert (again.lines, bambara.read_text("utf-8")) == (said.lines, now)


def test_where_there_are_no_files_that_is_said(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    said = operator.types("translations")
    assert (said.code, said.out) == (1, "")
    assert "no flows/*.yaml" in said.err


def test_the_schema_is_the_one_that_editors_are_pointed_to(operator: Operator) -> None:
    said = operator.types("schema")
    assert said.code == 0
    assert "flow" in json.loads(said.out)["properties"]


def test_every_command_tells_its_options(operator: Operator) -> None:
    names = operator.types("--help").out.split("Commands:")[1].split()
    for name in ("run", "gateway", "worker", "phone", "check", "show", "translations", "rebuild"):
        assert name in names
        said = operator.types(name, "--help")
        assert (said.code, said.out.startswith(f"Usage: kunnafoni {name}")) == (0, True)
    for group, name in (
        ("contacts", "import"),
        ("contacts", "export"),
        ("reports", "export"),
        ("outbox", "export"),
    ):
        assert operator.types(group, name, "-h").code == 0
    assert operator.types("--version").code == 0
    for wrong in (
        ["nosuch"],
        ["run", "--port", "70000"],
        ["run", "extra"],
        ["reports", "export", "--format", "xml"],
    ):
        assert operator.types(*wrong).code == 2
