"""What is shipped to run it with names only what there is: metrics, commands, settings, variables."""

import configparser
import json
import re
import shlex

import pytest
import yaml

from bot.cli import main
from bot.config import load
from bot.metrics import Metrics
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"kunnafoni_[a-z_]+")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def metrics() -> set[str]:
    """Every name a scrape can show, labels or not yet."""
    found = set()
    for metric in Metrics().registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(
            metric.type, ("",)
        )
        found |= {f"{metric.name}{suffix}" for suffix in suffixes}
    return found


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yaml"])
def test_every_metric_that_is_looked_at_exists(name: str) -> None:
    named = set(METRIC.findall((DEPLOY / name).read_text("utf-8")))
    assert named
    assert named <= metrics()


def test_the_dashboard_shows_every_metric() -> None:
    shown = set(METRIC.findall((DEPLOY / "grafana.json").read_text("utf-8")))
    hidden = {name for name in metrics() - shown if name.removesuffix("_sum") == name}
    assert {name for name in hidden if not name.startswith("kunnafoni_ussd_seconds")} == set()


def test_dashboard_and_rules_are_well_formed() -> None:
    board = json.loads((DEPLOY / "grafana.json").read_text("utf-8"))
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    (group,) = yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"]
    assert all({"alert", "expr", "labels", "annotations"} <= rule.keys() for rule in group["rules"])


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_there_is(path: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # its names have capitals
    unit.read(path)
    program, command, *options = shlex.split(unit["Service"]["ExecStart"])
    assert program.endswith("/.venv/bin/kunnafoni")
    known = {option for one in main.commands[command].params for option in (*one.opts, *one.secondary_opts)}
    assert set(options) <= known


def test_the_containers_are_told_what_there_is_to_set() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    environ = {name: str(value) for name, value in services["gateway"]["environment"].items()}
    settings = load(ROOT / "config.toml", environ)
    assert settings.store.url == "redis://store:6379"
    for service in ("gateway", "worker"):
        assert services[service]["command"][0] in main.commands
    store = " ".join(services["store"]["command"])
    assert "--appendonly yes --appendfsync always" in store
    assert "/" not in services["gateway"]["image"]


def test_no_image_takes_along_what_git_leaves_out() -> None:
    """The folder with people's data above all; and this machine's own .venv in the place of the image's."""
    ignored = {line.strip("*/") for line in (ROOT / ".gitignore").read_text("utf-8").split()}
    left_out = {line.strip("*/") for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()}
    assert {"data", ".venv"} <= ignored <= left_out
    assert ".git" in left_out
