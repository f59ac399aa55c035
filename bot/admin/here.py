"""Whether a request comes from who sits at this machine, and calls it by its own name."""

import re
from ipaddress import ip_address

from aiohttp import web

# Any page may have a browser call this address under a name of its own (DNS rebinding): the name must be ours.
_OUR_NAME = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)
_CARRIED = ("Forwarded", "X-Forwarded-For")
"""Said by a proxy, through which all the world comes from this machine."""


def is_here(request: web.Request) -> bool:
    carried = any(name in request.headers for name in _CARRIED)
    near = bool(request.remote) and ip_address(str(request.remote)).is_loopback
    return near and not carried and is_our_name(request)


def is_our_name(request: web.Request) -> bool:
    return _OUR_NAME.fullmatch(request.host) is not None
