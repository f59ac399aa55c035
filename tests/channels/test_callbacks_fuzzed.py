"""Nothing a caller sends makes a 500, and nothing is heard that was not said."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Inbound
from tests.channels.house import House, Provider, post, say_raw, served

PATHS = st.sampled_from(["ussd", "ussd/end", "sms", "delivery", "optout"])
NAMES = st.sampled_from(
    [
        "sessionId",
        "serviceCode",
        "phoneNumber",
        "text",
        "durationInMillis",
        "from",
        "to",
        "id",
        "date",
        "status",
    ]
)
VALUES = st.one_of(
    st.sampled_from(["+22376123456", "ATUid_1", "*384#", "Success", "", "12"]),
    st.text(st.characters(codec="utf-8"), max_size=150),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.tuples(NAMES, VALUES), max_size=10).map(
        lambda pairs: "&".join(f"{name}={quote_plus(value)}" for name, value in pairs).encode()
    ),
    st.lists(st.tuples(NAMES, st.binary(max_size=60)), max_size=10).map(
        lambda pairs: b"&".join(name.encode() + b"=" + value for name, value in pairs)
    ),
)


class Line:
    """A served channel and the loop it lives on, for tests that hypothesis calls many times."""

    def __init__(self, runner: asyncio.Runner, provider: Provider, house: House) -> None:
        self.runner = runner
        self.provider = provider
        self.house = house

    def say(self, request: bytes) -> int:
        self.house.told.clear()
        return self.runner.run(say_raw(self.provider, request))[0]


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with asyncio.Runner() as runner:
        house = House()

        async def serve() -> Provider:
            provider = served(house)
            await provider.start_server()
            return provider

        provider = runner.run(serve())
        yield Line(runner, provider, house)
        runner.run(provider.close())


@given(path=PATHS, body=BODIES)
def test_any_body_is_understood_or_refused(line: Line, path: str, body: bytes) -> None:
    status = line.say(post(path, body))
    assert status in {200, 400}
    assert len(line.house.told) <= (status == 200)


@given(
    path=PATHS, body=st.binary(min_size=1, max_size=300), header=st.sampled_from(["gzip", "deflate", "br"])
)
def test_any_body_said_to_be_compressed_is_refused(line: Line, path: str, body: bytes, header: str) -> None:
    assert line.say(post(path, body, f"Content-Encoding: {header}")) == 400


@given(query=st.binary(max_size=60).map(lambda raw: quote_plus(raw).encode()))
def test_any_key_but_ours_is_refused(line: Line, query: bytes) -> None:
    assert line.say(post("ussd", b"text=", key=query)) == 403


@given(content_type=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_any_content_type_is_understood_or_refused(line: Line, content_type: str) -> None:
    request = post("sms", b"from=Orange&id=1").replace(
        b"application/x-www-form-urlencoded", content_type.encode()
    )
    assert line.say(request) in {200, 400}


@given(
    session=st.text(st.characters(codec="utf-8"), max_size=140), text=st.text(st.characters(codec="utf-8"))
)
def test_what_is_heard_is_what_was_said(line: Line, session: str, text: str) -> None:
    form = {"sessionId": session, "phoneNumber": "+22376123456", "text": text, "serviceCode": "*384#"}
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in form.items()).encode()
    if line.say(post("ussd", body)) == 200:
        assert line.house.told == [Inbound("africastalking", "ussd", session, "+22376123456", text, "*384#")]
    else:
        assert not session.isprintable() or not session or len(session) > 128 or not text.isprintable()
