"""Signing in and what protects it: Argon2, a limit on tries, sign-ins that end; every change leaves a note."""

import asyncio
import re
import secrets
from collections.abc import Callable
from hashlib import sha256
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct
from msgspec.structs import replace

from bot.accounts import Account, Rank, SignIn
from bot.store.accounts import Accounts
from bot.store.audit import Audit

FIRST = "admin"
LONGEST = 64
"""Characters of a name."""
SHORTEST = 10
"""Characters of a password."""
TRIES_HERE, TRIES_ANYWHERE = 5, 30
"""Wrong passwords for one name in a while: from one address, and from all together."""
AT_ONCE = 2
"""Passwords looked at at once: each takes memory and a processor's time, which calls need too."""
SYSTEM = "system"
"""Who did what was done by a command on the machine itself."""
_NAME = re.compile(r"[\w.@'-]+( [\w.@'-]+)*")

# OWASP's least for Argon2id: 19 MiB, two passes; about 20 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Denied(Exception):  # noqa: N818 - an answer to whoever asked, not an error of the program
    """What was asked is not done; `key` says why in the console's words."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Opened(Struct, frozen=True):
    """A new sign-in; the token is the browser's alone."""

    token: str
    account: Account


class Keeper:
    """Lets in, keeps out, and changes accounts. `clock` gives Unix ms."""

    def __init__(self, accounts: Accounts, audit: Audit, clock: Callable[[], int]) -> None:
        self.accounts = accounts
        self._audit = audit
        self._clock = clock
        self._looking = asyncio.Semaphore(AT_ONCE)
        self._nobody = ""

    async def sign_in(self, name: str, password: str, address: str, browser: str) -> Opened:
        """Raises Denied, with the same words whether it was the name or the password."""
        known = _spelt(name)[: LONGEST + 1]  # it becomes the name of a key, whoever wrote it
        tries = [f"{known.casefold()}@{address}", known.casefold()]
        counts = [await self.accounts.tried(one) for one in tries]
        if counts[0] > TRIES_HERE or counts[1] > TRIES_ANYWHERE:
            raise Denied("signin.too_many")
        account = await self.accounts.get(known)
        if not await self._is_right(account, password) or account is None or not account.active:
            await self._note(known, "signin.refused", address)
            raise Denied("signin.wrong")
        for one in tries:
            await self.accounts.forgive(one)
        return await self._open(account, address, browser)

    async def _open(self, account: Account, address: str, browser: str) -> Opened:
        token = secrets.token_urlsafe(32)
        await self._note(account.name, "signin", address)
        await self.accounts.sign_in(
            SignIn(digest(token), account.name, self._clock(), address, browser[:200])
        )
        return Opened(token, account)

    async def whose(self, token: str) -> Account | None:
        """The account a browser is signed in to, as it is now."""
        one = await self.accounts.signed_in(digest(token), self._clock()) if token else None
        account = await self.accounts.get(one.name) if one else None
        return account if account and account.active else None

    async def sign_out(self, account: Account, token: str) -> None:
        await self._note(account.name, "signout", "")
        await self.accounts.sign_out(account.name, digest(token))

    async def first(self) -> str | None:
        """Makes the first administrator where there is no account; her one-time password."""
        if await self.accounts.any():
            return None
        password = secrets.token_urlsafe(12)
        account = await self._made(FIRST, "admin", "", password, one_time=True)
        return password if await self.accounts.add(account) else None

    async def add(
        self,
        name: str,
        role: Rank,
        password: str,
        *,
        area: str = "",
        by: str = SYSTEM,
        one_time: bool = False,
    ) -> Account:
        account = await self._made(name, role, area, password, one_time=one_time)
        if await self.accounts.get(account.name):
            raise Denied("accounts.taken")
        await self._audit.note(self._clock(), by, "account.add", account.name, after=_told(account))
        if not await self.accounts.add(account):
            raise Denied("accounts.taken")
        return account

    async def _made(self, name: str, role: Rank, area: str, password: str, *, one_time: bool) -> Account:
        spelt = _spelt(name)
        if not _NAME.fullmatch(spelt) or len(spelt) > LONGEST:
            raise Denied("accounts.bad_name")
        secret = await self._hashed(spelt, password)
        return Account(spelt, role, area, secret, one_time, made=self._clock())

    async def change(self, account: Account, by: str, **fields: object) -> Account:
        """A new role, area, language or state; who is shut out is signed out everywhere."""
        changed = replace(account, **fields)
        if changed == account:
            return account
        await self._audit.note(
            self._clock(), by, "account.change", account.name, _told(account), _told(changed)
        )
        await self.accounts.put(changed)
        if not changed.active:
            await self.accounts.sign_out_everywhere(account.name, self._clock())
        return changed

    async def set_password(
        self, account: Account, password: str, *, by: str = SYSTEM, one_time: bool = False, but: str = ""
    ) -> Account:
        """All her browsers are signed out, except the one whose token is `but`."""
        changed = replace(account, secret=await self._hashed(account.name, password), one_time=one_time)
        await self._audit.note(self._clock(), by, "account.password", account.name)
        await self.accounts.put(changed)
        await self.accounts.sign_out_everywhere(account.name, self._clock(), digest(but) if but else "")
        await self.accounts.forgive(account.name.casefold())
        return changed

    async def replace_password(self, account: Account, old: str, new: str, again: str, token: str) -> Account:
        """What she does herself; the browser whose token this is stays signed in."""
        tries = f"{account.name.casefold()}@replacing"
        if await self.accounts.tried(tries) > TRIES_HERE:
            raise Denied("signin.too_many")
        if not await self._is_right(account, old):
            raise Denied("me.not_old")
        if new != again:
            raise Denied("me.not_same")
        await self.accounts.forgive(tries)
        return await self.set_password(account, new, by=account.name, but=token)

    @staticmethod
    def digest(token: str) -> str:
        return digest(token)

    async def _hashed(self, name: str, password: str) -> str:
        if len(password) < SHORTEST or password.casefold() == name.casefold():
            raise Denied("accounts.weak")
        async with self._looking:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def _is_right(self, account: Account | None, password: str) -> bool:
        """Takes as long for a name that is not known: nobody learns from the clock which names are."""
        async with self._looking:
            if not self._nobody:
                self._nobody = await asyncio.to_thread(_HASHER.hash, secrets.token_hex())
            return await asyncio.to_thread(_matches, account.secret if account else self._nobody, password)

    async def _note(self, who: str, what: str, subject: str) -> None:
        await self._audit.note(self._clock(), who, what, subject)


def digest(token: str) -> str:
    """What the store knows a token by: a copy of the store lets nobody in."""
    return sha256(token.encode(errors="surrogateescape")).hexdigest()  # a header may hold any bytes


def _matches(secret: str, password: str) -> bool:
    try:
        return _HASHER.verify(secret, password)
    except (VerificationError, InvalidHashError):
        return False


def _spelt(name: str) -> str:
    return normalize("NFC", " ".join(name.split()))


def _told(account: Account) -> str:
    state = "" if account.active else " (closed)"
    return f"{account.role} {account.area or '*'}{state}"
