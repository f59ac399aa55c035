"""A flow told as a script, and its schema: both made from what runs."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.flow.release import Release
from bot.flow.schema import schema, schema_text
from bot.flow.script import script
from tests.conftest import ROOT

FLOWS = sorted((ROOT / "flows").glob("*.yaml"))


@pytest.mark.parametrize("language", ["fr", "bm"])
def test_every_flow_can_be_told(release: Release, language: str) -> None:
    for flow in release.flows.values():
        told = "\n".join(script(release, flow, language))
        assert all(f"\n{name}  [" in told for name in flow.steps if ":" not in name)


def test_a_script_shows_screens_septets_and_ways(release: Release) -> None:
    told = list(script(release, release.flows["alert"], "fr"))
    assert told[0] == "alert (flows/alert.yaml), for asc, dtc, in fr. Begins at: event"
    assert "  | Que voulez-vous déclarer ?" in told
    assert any(line.endswith("septets screen 1 of 2, key 98 turns") for line in told)
    assert "  * record alert" in told
    stock = list(script(release, release.flows["stock"], "fr"))
    assert "  0..last -> excess" in stock
    assert "boxes  [each of: products, from quantity on]" in stock
    menu = list(script(release, release.flows["menu"], "fr"))
    assert "greet  [calls: welcome]" in menu
    assert "who  [looks at: role]" in menu


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_what_is_shipped_fits_the_schema(path: Path) -> None:
    document = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    document = {key: int(value) if key == "menu" else value for key, value in document.items()}
    jsonschema.validate(document, schema())


@pytest.mark.parametrize(
    "wrong",
    [
        {"flow": "x"},
        {"flow": "x", "start": "a", "a": {"ask": "number", "then": "b"}, "b": "end"},
        {"flow": "x", "start": "a", "a": {"ask": "numbre", "between": "0..9", "then": "b"}},
        {"flow": "x", "start": "a", "a": {"ask": "yesno", "then": "b", "betwen": "1"}},
        {"flow": "x", "start": "a", "a": "fin"},
    ],
)
def test_what_is_wrong_does_not(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema())


def test_the_schema_in_docs_is_this_one() -> None:
    """When this fails: `kunnafoni schema > docs/flow.schema.json`."""
    assert (ROOT / "docs" / "flow.schema.json").read_text("utf-8") == schema_text()
