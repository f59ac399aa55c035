"""What becomes of a message: tried again when that is safe, never when it may have been sent, closed by its report."""

import asyncio
import os
import sys
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession

from bot.app import listening
from bot.services.desk import Route
from bot.services.sending import BACKOFF, OPERATOR_WAIT
from tests.calls import Phone
from tests.channels.sending import IMPATIENT, KINDS
from tests.channels.sending import settings as account
from tests.conftest import ROOT
from tests.standin import Behaviour, Refuse, Says, Slow, StandIn
from tests.worker.work import AWA, BINTA, COUMBA, Work, environ, leader

pytestmark = pytest.mark.asyncio(loop_scope="package")

DAY = 86_400


async def test_what_the_provider_could_not_take_is_tried_again_later(work: Work) -> None:
    work.standin.behave(AWA, Says(500), times=1)
    name = await work.reply(AWA)
    await work.worker.once()
    line = await work.line(name)
    assert (line.state, line.attempts, "500" in line.reason or "No." in line.reason) == ("queued", 1, True)
    work.clock.passes(BACKOFF[0] - 0.001)
    await work.worker.once()
    assert len(work.standin.requests) == 1
    work.clock.passes(0.001)
    await work.worker.once()
    assert [number for number, _ in work.heard()] == [AWA]
    assert ((await work.line(name)).state, (await work.line(name)).attempts) == ("sent", 2)


async def test_it_is_tried_less_and_less_often_and_then_given_up(work: Work) -> None:
    work.standin.behave(AWA, Refuse(501))
    name = await work.reply(AWA)
    for tries, wait in enumerate(BACKOFF, 1):
        await work.worker.once()
        assert (len(work.standin.requests), (await work.line(name)).state) == (tries, "queued")
        work.clock.passes(wait)
    await work.worker.once()
    assert ((await work.line(name)).state, (await work.line(name)).attempts) == ("failed", 6)
    assert (await work.line(name)).reason == "GatewayError"
    work.clock.passes(DAY)
    await work.worker.once()
    assert len(work.standin.requests) == 6


async def test_what_waits_for_somebody_to_act_waits_as_long_as_it_takes(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    work.standin.behave(AWA, Refuse(405))
    work.standin.behave(BINTA, "sender")
    await work.reply(AWA)
    await work.reply(BINTA, "Bonjour")
    for _ in range(len(BACKOFF) + 2):
        await work.worker.once()
        work.clock.passes(OPERATOR_WAIT)
    assert await work.states() == {f"reply:{AWA}": "queued", f"reply:{BINTA}": "queued"}
    assert (await work.line(f"reply:{AWA}")).reason == "InsufficientBalance"
    for msisdn in (AWA, BINTA):
        work.standin.behave(msisdn, "charset")
    await work.worker.once()
    assert sorted(number for number, _ in work.heard()) == [AWA, BINTA]


async def test_an_account_that_is_not_known_is_an_alarm(work: Work, caplog: pytest.LogCaptureFixture) -> None:
    work.standin.api_key = "another"
    await work.reply(AWA)
    await work.worker.once()
    (alarm,) = [told for told in caplog.records if told.message.startswith("not_sent")]
    assert alarm.levelname == "ERROR"
    assert "messages=1 operator=1" in alarm.message
    work.standin.api_key = "atsk_standin"
    work.clock.passes(OPERATOR_WAIT)
    await work.worker.once()
    assert len(work.heard()) == 1


async def test_a_number_the_answer_does_not_name_is_in_doubt(work: Work) -> None:
    work.standin.behave(AWA, "omit")
    for msisdn in (AWA, BINTA):
        await work.reply(msisdn)
    await work.worker.once()
    assert await work.states() == {f"reply:{AWA}": "unknown", f"reply:{BINTA}": "sent"}


@pytest.mark.parametrize("way", ["drop", "half", "garbage", "array"])
async def test_what_may_have_been_sent_is_never_repeated(work: Work, way: Behaviour) -> None:
    work.standin.behave(AWA, way)
    name = await work.reply(AWA)
    await work.worker.once()
    assert (await work.line(name)).state == "unknown"
    for _ in range(3):
        work.clock.passes(DAY)
        await work.worker.once()
    assert [number for number, _ in work.heard()] == [AWA]
    assert len(work.standin.requests) == 1


async def test_silence_is_not_an_answer(work: Work, kind: str) -> None:
    impatient = KINDS[kind](account(work.standin), IMPATIENT)
    worker = work.house.worker({"africastalking": Route(impatient, 0, 16)})
    work.standin.behave(AWA, "silent")
    name = await work.reply(AWA)
    await worker.once()
    await impatient.close()
    assert (await work.line(name)).state == "unknown"
    work.clock.passes(DAY)
    await work.worker.once()
    assert [number for number, _ in work.heard()] == [AWA]


async def test_each_message_of_a_request_has_its_own_fate(work: Work) -> None:
    work.standin.behave(AWA, Refuse(403))
    work.standin.behave(BINTA, Refuse(406))
    await work.house.contacts.put([leader(BINTA), leader(COUMBA)])
    for msisdn in (AWA, BINTA, COUMBA):
        await work.reply(msisdn, "Bonjour")
    await work.worker.once()
    assert len(work.standin.requests) == 1
    lines = await work.lines()
    assert {line.to: (line.state, line.reason, line.segments) for line in lines.values()} == {
        AWA: ("failed", "InvalidPhoneNumber", 0),
        BINTA: ("failed", "UserInBlacklist", 0),
        COUMBA: ("sent", "", 1),
    }
    # The provider holds her as opted out: nothing she did not ask for follows.
    await work.tell(BINTA)
    await work.tell(COUMBA, name="tell:2")
    await work.worker.once()
    assert (await work.line("tell:1")).reason == "opted out"
    assert (await work.line("tell:2")).state == "sent"


async def test_delivery_reports_over_http_close_each_message(work: Work) -> None:
    people = [f"+223763{number:05d}" for number in range(12)]
    for msisdn in people:
        await work.reply(msisdn)
    await work.worker.once()
    half = len(people) // 2
    async with listening(work.house, simulator=False) as url:
        where = f"{url}/africastalking/delivery?key=sandbox"
        order = Random(3)
        good = await work.standin.reports(where, work.standin.sent[:half], order=order)
        bad = await work.standin.reports(where, work.standin.sent[half:], ("Sent", "Failed"), order=order)
        odd = await work.standin.report(where, work.standin.sent[0], "Heard", failureReason="?")
    assert (good, bad, odd) == ({200: 4 * half}, {200: 4 * half}, 200)
    fates = {line.to: line.state for line in (await work.lines()).values()}
    sent = [message.number for message in work.standin.sent]
    assert fates == dict.fromkeys(sent[:half], "delivered") | dict.fromkeys(sent[half:], "failed")
    assert (await work.line(f"reply:{sent[0]}")).report == "Heard"


async def test_a_report_before_the_answer_closes_the_message_too(work: Work) -> None:
    """The phone has it before the provider has told us that it took it."""
    work.standin.behave(AWA, Slow(0.3))
    name = await work.reply(AWA)
    async with listening(work.house, simulator=False) as url, ClientSession() as client:
        sending = asyncio.create_task(work.worker.once())
        await work.standin.asked.wait()
        form = {"id": f"ATXid_{0:032x}", "phoneNumber": AWA, "status": "Success", "networkCode": "61002"}
        assert await Phone(client, url, AWA).posts("delivery", form) == "OK"
        await sending
    line = await work.line(name)
    assert (line.state, line.report, line.cost) == ("delivered", "Success", "XOF 12.0000")


async def test_a_worker_told_to_stop_notes_what_it_has_handed_over(work: Work) -> None:
    work.standin.behave(AWA, Slow(0.3))
    name = await work.reply(AWA)
    running = asyncio.create_task(work.worker.run())
    await work.standin.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ((await work.line(name)).state, len(work.heard())) == ("sent", 1)


@pytest.mark.parametrize("kind", ["sdk"], indirect=True)
async def test_what_a_killed_worker_was_sending_is_unknown_and_the_rest_is_sent(
    work: Work, standin: StandIn, kind: str, data: Path
) -> None:
    people = [AWA, BINTA, COUMBA]
    for msisdn in people:
        standin.behave(msisdn, "silent")
        await work.reply(msisdn)
    command = [
        sys.executable,
        "-m",
        "bot",
        "worker",
        "--once",
        "--now",
        "2026-11-21T09:12",
        "--data",
        str(data),
    ]
    doomed = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**os.environ, **environ(standin, kind, rate=1)}
    )
    await asyncio.wait_for(standin.asked.wait(), 30)
    doomed.kill()
    await doomed.wait()
    (in_doubt,) = [number for number, _ in work.heard()]

    work.clock.passes(work.house.settings.sms.lease)
    for msisdn in people:
        standin.behave(msisdn, "charset")
    await work.worker.once()
    assert sorted(number for number, _ in work.heard()) == people
    fates = {f"reply:{msisdn}": "unknown" if msisdn == in_doubt else "sent" for msisdn in people}
    assert await work.states() == fates
    assert (await work.line(f"reply:{in_doubt}")).reason == "the worker stopped while sending"
