"""A stand-in for Africa's Talking on loopback: its SMS API and its callbacks, bad days included.

async with StandIn() as provider:  # api_url = provider.url
    provider.behave("+22376000001", Refuse(406))      # this number, always
    provider.behave("+22376000002", "silent", times=1)  # this number, once
    ...
    provider.sent      # what it took, whether or not it said so
    provider.requests  # what it was asked, to the byte
    await provider.reports(callback_url, provider.sent, order=Random(1))
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from random import Random
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import parse_qs

from aiohttp import ClientSession, TCPConnector, web
from msgspec import Struct

STATUSES: Final = {
    100: "Processed",
    101: "Success",
    102: "Success",
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "UserInBlacklist",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}


_NO_SENDER: Final = b'{"SMSMessageData":{"Message":"InvalidSenderId","Recipients":[]}}'


class Refuse(Struct, frozen=True):
    """This recipient gets this status code, in an answer that is otherwise good."""

    code: int


class Says(Struct, frozen=True):
    """The whole request gets this answer, and nothing is taken."""

    status: int
    body: str = "No."
    content_type: str = "text/plain"


class Slow(Struct, frozen=True):
    seconds: float


class Lie(Struct, frozen=True):
    """Says of this recipient what each of these (JSON) changes of the truth; and may not have taken it at all."""

    says: str = "[{}]"
    takes: bool = True


Behaviour = (
    Refuse
    | Says
    | Slow
    | Lie
    | Literal[
        "silent",  # takes it, never answers
        "drop",  # takes it, closes the connection
        "half",  # takes it, closes the connection in the middle of the answer
        "garbage",  # takes it, answers 201 with a page
        "array",  # takes it, answers 201 with JSON of another shape
        "charset",  # takes it, says so in `application/json; charset=utf-8`
        "text",  # takes it, says so in `text/plain`
        "omit",  # takes it, forgets it in the answer
        "sender",  # refuses the sender id for all: 201 and no recipients
    ]
)


class Seen(Struct, frozen=True):
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {
            name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()
        }


class Sent(Struct, frozen=True):
    """A message it took."""

    id: str
    number: str
    text: str
    sender: str


class StandIn:
    def __init__(
        self, *, username: str = "sandbox", api_key: str = "atsk_standin", port: int = 0, latency_s: float = 0
    ) -> None:
        self.username = username
        self.api_key = api_key
        self.latency_s = latency_s
        self._port = port
        self.url = ""
        self.requests: list[Seen] = []
        self.sent: list[Sent] = []
        self._always: dict[str, Behaviour] = {}
        self._next: defaultdict[str, list[Behaviour]] = defaultdict(list)
        self.asked = asyncio.Event()
        """Set by the first request."""
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/version1/messaging", self._messaging)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._caller = ClientSession(connector=TCPConnector(limit=16))
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._closing.set()
        await self._caller.close()
        await self._runner.cleanup()

    def behave(self, number: str, behaviour: Behaviour, times: int | None = None) -> None:
        """Have every request (or the next few) that names this number go this way."""
        if times is None:
            self._always[number] = behaviour
        else:
            self._next[number] += [behaviour] * times

    def texts_to(self, number: str) -> list[str]:
        return [message.text for message in self.sent if message.number == number]

    async def call(self, url: str, form: Mapping[str, str]) -> tuple[int, str]:
        """Call a callback as the provider does; its status and body."""
        async with self._caller.post(url, data=form, headers={"User-Agent": "at-ussd-api/1.0"}) as response:
            return response.status, await response.text()

    async def report(self, url: str, message: Sent, status: str, **more: str) -> int:
        form = {
            "id": message.id,
            "phoneNumber": message.number,
            "status": status,
            "networkCode": "61002",
            **more,
        }
        code, _ = await self.call(url, form)
        return code

    async def reports(
        self,
        url: str,
        messages: Iterable[Sent],
        statuses: Iterable[str] = ("Sent", "Success"),
        *,
        times: int = 2,
        order: Random | None = None,
    ) -> Counter[int]:
        """Report every status of every message so many times, shuffled if told how; count the answers."""
        calls = [(message, status) for message in messages for status in statuses for _ in range(times)]
        if order is not None:
            order.shuffle(calls)
        return Counter(
            await asyncio.gather(*(self.report(url, message, status) for message, status in calls))
        )

    async def _messaging(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.method, request.path, dict(request.headers), await request.read())
        self.requests.append(seen)
        self.asked.set()
        await asyncio.sleep(self.latency_s)
        form = seen.form
        if request.headers.get("apiKey") != self.api_key or form.get("username") != self.username:
            return web.Response(status=401, text="The supplied authentication is invalid")
        if missing := [name for name in ("to", "message") if not form.get(name)]:
            return web.Response(status=400, text=f"Must have {missing[0]} in your request")
        return await self._answer(request, form)

    async def _answer(self, request: web.Request, form: dict[str, str]) -> web.StreamResponse:
        ways = {number: self._way(number) for number in form["to"].split(",")}
        for way in ways.values():
            if isinstance(way, Says):
                return _said(way.status, way.body.encode(), way.content_type)
            if isinstance(way, Slow):
                await asyncio.sleep(way.seconds)
        if "sender" in ways.values():
            return _said(201, _NO_SENDER, "application/json")
        recipients = [told for number, way in ways.items() for told in self._take(number, way, form)]
        return await self._say(request, set(ways.values()), recipients)

    def _way(self, number: str) -> Behaviour | None:
        coming = self._next[number]
        return coming.pop(0) if coming else self._always.get(number)

    def _take(self, number: str, way: Behaviour | None, form: dict[str, str]) -> list[dict[str, object]]:
        if isinstance(way, Refuse) and way.code >= 400:
            return [_recipient(number, way.code, "None", "0")]
        message = Sent(f"ATXid_{len(self.sent):032x}", number, form["message"], form.get("from", ""))
        if not isinstance(way, Lie) or way.takes:
            self.sent.append(message)
        if way == "omit":
            return []
        said = _recipient(number, way.code if isinstance(way, Refuse) else 101, message.id, "XOF 12.0000")
        return [{**said, **change} for change in json.loads(way.says)] if isinstance(way, Lie) else [said]

    async def _say(
        self, request: web.Request, ways: set[Behaviour | None], recipients: list[dict[str, object]]
    ) -> web.StreamResponse:
        taken = sum(told["messageId"] != "None" for told in recipients)
        message = f"Sent to {taken}/{len(recipients)} Total Cost: XOF {12 * taken}.0000"
        body = json.dumps({"SMSMessageData": {"Message": message, "Recipients": recipients}}).encode()
        if "silent" in ways:
            await self._closing.wait()
        if "drop" in ways:
            return _dropped(request)
        if "half" in ways:
            return await _cut_short(request, body)
        lies = {
            "garbage": (b"<html>Sent!</html>", "text/html"),
            "array": (b"[" + body + b"]", "application/json"),
            "charset": (body, "application/json; charset=utf-8"),
            "text": (body, "text/plain"),
        }
        return _said(201, *next((lies[way] for way in lies if way in ways), (body, "application/json")))


def _recipient(number: str, code: int, message_id: str, cost: str) -> dict[str, object]:
    return {
        "statusCode": code,
        "number": number,
        "status": STATUSES.get(code, "Unheard-of"),
        "cost": cost,
        "messageId": message_id,
        "messageParts": 1,
    }


def _said(status: int, body: bytes, content_type: str) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": content_type})


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut_short(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(status=201, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
