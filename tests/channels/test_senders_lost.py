"""Both senders on the provider's bad days: what may be sent again, what must not, and who must act."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from bot.channels.africastalking import Settings
from bot.channels.africastalking.http_sender import HttpSender
from bot.messages import Sender
from tests.channels.sending import (
    AWA,
    BINTA,
    COUMBA,
    IMPATIENT,
    IN_TIME,
    KINDS,
    error_of,
    message,
    settings,
    what_to_do,
)
from tests.standin import Behaviour, Says, StandIn

LOST_REQUESTS: list[tuple[Behaviour, str]] = [
    ("sender", "operator"),
    (Says(401, "The supplied authentication is invalid"), "operator"),
    (Says(429), "later"),
    (Says(500), "later"),
    (Says(502, ""), "later"),
    (Says(503, "<html>" + "x" * 9000), "later"),
    ("drop", "in doubt"),
    ("half", "in doubt"),
    ("garbage", "in doubt"),
    ("array", "in doubt"),
    (Says(200, "", "application/json"), "in doubt"),
    (Says(201, "{}", "application/json"), "in doubt"),
    (Says(201, '{"SMSMessageData":{"Message":"x","Recipients":[{}]}}', "application/json"), "in doubt"),
]


@pytest.mark.parametrize(("behaviour", "what"), LOST_REQUESTS)
async def test_a_lost_request_says_what_to_do(
    behaviour: Behaviour, what: str, sender: Sender, standin: StandIn
) -> None:
    standin.behave(BINTA, behaviour)
    error = await error_of(sender, message(AWA), message(BINTA))
    assert what_to_do(error) == what
    assert len(str(error)) <= 200
    assert len(standin.requests) == 1


async def test_silence_leaves_a_doubt(impatient: Sender, standin: StandIn) -> None:
    standin.behave(AWA, "silent")
    error = await error_of(impatient, message())
    assert what_to_do(error) == "in doubt"
    assert [sent.number for sent in standin.sent] == [AWA]


async def test_a_wrong_key_is_the_operators(kind: str, standin: StandIn) -> None:
    sender = KINDS[kind](Settings(api_key="wrong", api_url=standin.url), IN_TIME)
    assert what_to_do(await error_of(sender, message())) == "operator"
    await sender.close()


@pytest.mark.parametrize("status", [302, 400, 404])
async def test_an_address_that_is_not_the_apis_is_the_operators(status: int, standin: StandIn) -> None:
    """Only over HTTP: the SDK keeps the status code to itself."""
    standin.behave(AWA, Says(status))
    sender = HttpSender(settings(standin), IN_TIME)
    error = await error_of(sender, message())
    assert what_to_do(error) == "operator"
    await sender.close()


@pytest.mark.parametrize("status", [200, 500])
async def test_an_answer_that_does_not_end_leaves_a_doubt(status: int, standin: StandIn) -> None:
    """Only over HTTP: the SDK reads whatever comes."""
    standin.behave(AWA, Says(status, "x" * (2 << 20)))
    sender = HttpSender(settings(standin), IN_TIME)
    error = await error_of(sender, message())
    assert (what_to_do(error), "longer than" in str(error)) == ("in doubt", True)
    await sender.close()


@pytest.fixture
def nobody() -> Iterator[str]:
    """Take an address nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def crowded() -> Iterator[str]:
    """Listen without accepting: the queue is full, and who comes after waits."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("where", ["nobody", "crowded", "plain"])
async def test_what_never_left_may_be_sent_again(
    where: str, kind: str, standin: StandIn, request: pytest.FixtureRequest
) -> None:
    plain = standin.url.replace("http:", "https:")
    url = plain if where == "plain" else str(request.getfixturevalue(where))
    sender = KINDS[kind](Settings(api_url=url), IMPATIENT)
    error = await error_of(sender, message())
    assert what_to_do(error) == "later"
    await sender.close()


async def test_one_lost_request_leaves_the_others_receipts(sender: Sender, standin: StandIn) -> None:
    standin.behave(BINTA, Says(500))
    standin.behave(COUMBA, "drop")
    awa, binta, coumba = await sender.send([message(AWA, "a"), message(BINTA, "b"), message(COUMBA, "c")])
    assert awa.state == "sent"
    assert (binta.state, binta.retryable, binta.operator) == ("failed", True, False)
    assert (coumba.state, coumba.retryable, coumba.operator) == ("unknown", False, False)


async def test_requests_lost_alike_are_one_error_and_unlike_are_receipts(
    sender: Sender, standin: StandIn
) -> None:
    standin.behave(AWA, Says(500))
    standin.behave(BINTA, Says(503))
    assert (await error_of(sender, message(AWA, "a"), message(BINTA, "b"))).retryable
    standin.behave(BINTA, "sender")
    awa, binta = await sender.send([message(AWA, "a"), message(BINTA, "b")])
    assert (awa.operator, binta.operator) == (False, True)


async def test_a_bad_day_ends(sender: Sender, standin: StandIn) -> None:
    standin.behave(AWA, Says(500), times=2)
    for _ in range(2):
        assert (await error_of(sender, message())).retryable
    assert [receipt.state for receipt in await sender.send([message()])] == ["sent"]
    assert len(standin.texts_to(AWA)) == 1


async def test_a_send_can_be_given_up(impatient: Sender, standin: StandIn) -> None:
    standin.behave(AWA, "silent")
    sending = asyncio.create_task(impatient.send([message()]))
    await standin.asked.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
