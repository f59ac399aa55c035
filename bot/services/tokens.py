"""What lets other systems in: made once and shown once, known by a digest, taken back for good."""

import secrets
from collections.abc import Callable, Iterable
from hmac import compare_digest

from msgspec import Struct
from msgspec.structs import replace

from bot.accounts import SCOPES, Token
from bot.services.accounts import SYSTEM, Denied, digest
from bot.store.audit import Audit
from bot.store.tokens import Tokens

BEGINS = "kunnafoni"
"""So that whoever finds one in a file or a log knows what it is."""
LONGEST = 64


class Issued(Struct, frozen=True):
    """A new token; `text` is what the other system sends, and is shown this once."""

    token: Token
    text: str


class Admission:
    """Makes tokens, knows them again, and revokes them. `clock` gives Unix ms."""

    def __init__(self, tokens: Tokens, audit: Audit, clock: Callable[[], int]) -> None:
        self.tokens = tokens
        self._audit = audit
        self._clock = clock

    async def issue(self, name: str, scopes: Iterable[str], area: str = "", by: str = SYSTEM) -> Issued:
        """Raises Denied without a name, or a scope that there is."""
        asked, called = set(scopes), " ".join(name.split())
        if not called or len(called) > LONGEST or not called.isprintable():
            raise Denied("tokens.bad_name")
        if not asked or asked - set(SCOPES):
            raise Denied("tokens.no_scope")
        secret = secrets.token_urlsafe(32)
        kept = tuple(scope for scope in SCOPES if scope in asked)
        id_ = secrets.token_hex(6)
        token = Token(id_, called, kept, digest(secret), area, by, self._clock())
        await self._audit.note(self._clock(), by, "token.add", f"{called} {id_}", after=_told(token))
        await self.tokens.put(token)
        return Issued(token, f"{BEGINS}.{id_}.{secret}")

    async def whose(self, text: str) -> Token | None:
        """The token that was sent, while it is good. Takes as long however much of the secret is right."""
        begins, _, rest = text.partition(".")
        id_, _, secret = rest.partition(".")
        if begins != BEGINS or not id_ or not secret or len(text) > 200 or not text.isascii():
            return None
        token = await self.tokens.get(id_)
        is_it = compare_digest(digest(secret), token.secret if token else digest(""))
        return token if token and is_it and not token.revoked else None

    async def revoke(self, token: Token, by: str = SYSTEM) -> None:
        if not token.revoked:
            await self._audit.note(
                self._clock(), by, "token.revoke", f"{token.name} {token.id}", _told(token)
            )
            await self.tokens.put(replace(token, revoked=self._clock()))


def _told(token: Token) -> str:
    return f"{' '.join(token.scopes)} {token.area or '*'}"
