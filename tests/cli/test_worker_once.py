"""`worker --once`: what is due at a moment is done, by an operator or a timer, and the command ends."""

import asyncio
import datetime as dt
import json
import os
import sys
from typing import Any

import pytest

from bot.house import House
from bot.messages import Inbound
from tests.cli.operator import Operator, Said
from tests.standin import StandIn
from tests.worker.work import environ

AMINATA, OUMOU = "+22370000001", "+22370000002"


async def leaves_a_report_unfinished(house: House) -> None:
    """Aminata is at her second product when the line drops."""
    await house.contacts.change(AMINATA, language="fr", products="SRO CTE")
    for text in ("", "2", "2*2", "2*2*4"):
        await house.gateway.dial(Inbound("africastalking", "ussd", "ATUid_1", AMINATA, text))
    await house.gateway.settle()


async def writes(house: House) -> None:
    await house.gateway.receive(Inbound("africastalking", "sms", "sms-1", OUMOU, "STOCK SRO 5"))


def reports(operator: Operator) -> list[dict[str, Any]]:
    return [json.loads(line) for line in operator.types("reports", "export").lines]


def test_nothing_to_do(operator: Operator) -> None:
    said = operator.types("worker", "--once")
    assert (said.code, said.out) == (0, "")


def test_a_report_left_unfinished_is_partial_when_its_day_is_over(operator: Operator) -> None:
    operator.fills(leaves_a_report_unfinished)
    today = operator.types("worker", "--once")
    assert (today.code, reports(operator)) == (0, [])
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(hours=25)
    for _ in range(2):
        said = operator.types("worker", "--once", "--now", tomorrow.isoformat())
        assert (said.code, said.out) == (0, "")
    (row,) = reports(operator)
    assert row["answers"] == {"receipt": "no", "product": "SRO", "quantity": 4, "partial": "yes"}
    assert operator.types("rebuild").code == 0


def test_before_its_time_nothing_is_sent(operator: Operator) -> None:
    operator.fills(writes)
    assert operator.types("worker", "--once", "--now", "2020-01-01").code == 0
    (line,) = map(json.loads, operator.types("outbox", "export").lines)
    assert line["state"] == "queued"


def test_without_a_key_it_is_said_that_nothing_leaves(operator: Operator) -> None:
    operator.fills(writes)
    said = operator.types("worker", "--once")
    assert (said.code, "no_channel_sends" in said.err) == (0, True)
    lines = map(json.loads, operator.types("outbox", "export").lines)
    assert [line["state"] for line in lines if line["kind"] == "reply"] == ["delivered"]


async def test_what_waits_is_sent_through_the_provider_of_the_environment(operator: Operator) -> None:
    await asyncio.to_thread(operator.fills, writes)
    async with StandIn() as standin:
        env = {**os.environ, **environ(standin, "sdk"), "NO_PROXY": "127.0.0.1"}
        said = await ends(operator, env, "worker", "--once")
        assert (said.code, said.out) == (0, "")
        ((number, text),) = [(message.number, message.text) for message in standin.sent]
    assert (number, "SRO 5" in text) == (OUMOU, True)
    lines = map(json.loads, (await operator.asks("outbox", "export")).lines)
    (line,) = [line for line in lines if line["kind"] == "reply"]
    assert (line["state"], line["cost"], line["segments"]) == ("sent", "XOF 12.0000", 1)


async def ends(operator: Operator, env: dict[str, str], *words: str) -> Said:
    """A command in a process of its own, so that the stand-in can answer it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=operator.folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return Said(process.returncode or 0, out.decode(), err.decode())


@pytest.mark.parametrize(
    "words", [["--now", "2026-11-21"], ["--now", "1970-01-01"], ["--once", "--now", "soon"]]
)
def test_wrong_usage(operator: Operator, words: list[str]) -> None:
    said = operator.types("worker", *words)
    assert (said.code, said.out) == (2, "")
