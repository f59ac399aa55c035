"""What a browser posts: fields and files, within a limit; and proof that it was our own page that posted it."""

import asyncio
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from msgspec import Struct
from multidict import MultiDict

FIELD = "csrf"
_ENCODED = "application/x-www-form-urlencoded"
_OWN = ("same-origin", "none")
PATIENCE, SLOWEST = 30.0, 16_000
"""Seconds a form may take, and bytes a second that a large one must come at beside."""


class Form(Struct, frozen=True):
    fields: MultiDict[str]
    files: dict[str, bytes]

    def get(self, name: str) -> str:
        """The first value of that name, trimmed; empty when there is none."""
        return self.fields.get(name, "").strip()

    def all(self, name: str) -> list[str]:
        return self.fields.getall(name, [])


EMPTY = Form(MultiDict(), {})


def proof(key: str) -> str:
    """What every form carries; made of a cookie that no other site can read."""
    return sha256(f"form:{key}".encode(errors="surrogateescape")).hexdigest()  # a cookie may hold any bytes


async def read(request: web.Request, key: str, limit: int) -> Form:
    """Raises HTTPForbidden for a form that is not of our own page, -BadRequest, -RequestTimeout, -TooLarge."""
    if not _is_ours(request):
        raise web.HTTPForbidden
    if request.content_length is not None and request.content_length > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length)
    try:
        async with asyncio.timeout(PATIENCE + limit / SLOWEST):
            form = await (_encoded if request.content_type == _ENCODED else _parts)(request, limit)
    except TimeoutError as slow:
        raise web.HTTPRequestTimeout from slow
    except web.RequestPayloadError as broken:
        raise web.HTTPBadRequest from broken
    if not compare_digest(form.get(FIELD).encode(), proof(key).encode()):
        raise web.HTTPForbidden
    return form


def _is_ours(request: web.Request) -> bool:
    """What the browser itself says of where it comes from; the older ones say nothing."""
    origin = request.headers.get("Origin")
    near = request.headers.get("Sec-Fetch-Site", "none") in _OWN
    return near and (origin is None or origin.partition("://")[2] == request.host)


async def _encoded(request: web.Request, limit: int) -> Form:
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        _add(body, chunk, limit)
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=2000)
    except ValueError as wrong:
        raise web.HTTPBadRequest from wrong
    return Form(MultiDict(fields), {})


async def _parts(request: web.Request, limit: int) -> Form:
    if request.content_type != "multipart/form-data":
        raise web.HTTPBadRequest
    form = Form(MultiDict(), {})
    left = limit
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or not part.name:
                raise web.HTTPBadRequest
            left -= await _take(part, form, left)
    except ValueError as wrong:
        raise web.HTTPBadRequest from wrong
    return form


async def _take(part: BodyPartReader, form: Form, limit: int) -> int:
    body = bytearray()
    while chunk := await part.read_chunk(16 * 1024):
        _add(body, chunk, limit)
    if part.filename is None:
        form.fields.add(str(part.name), body.decode())
    else:
        form.files[str(part.name)] = bytes(body)
    return len(body)


def _add(body: bytearray, chunk: bytes, limit: int) -> None:
    body += chunk
    if len(body) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, len(body))
