"""What the `users` commands do in the house; a reason is one line for the operator, empty when it was done."""

from collections.abc import Sequence

from bot.accounts import Rank
from bot.app import open_house
from bot.config import Settings
from bot.services.accounts import SHORTEST, Denied
from bot.services.units import path_of

_REASONS = {
    "accounts.taken": "there is an account of that name",
    "accounts.bad_name": "a name is letters and digits, with single spaces or . _ - @ between them, 64 at most",
    "tokens.bad_name": "the name of the system that will use it, 64 letters at most",
    "accounts.weak": f"the password needs {SHORTEST} characters or more, and is not the name",
}


async def add_user(settings: Settings, name: str, role: Rank, area: str, password: str) -> str:
    async with open_house(settings) as house:
        units = await house.contacts.units()
        if area and area not in units:
            return f"no org unit {area}"
        path = path_of(area, units) if area else ""
        try:
            await house.keeper.add(name, role, password, area=path)
        except Denied as denied:
            return f"{name}: {_REASONS[denied.key]}"
    return ""


async def set_password(settings: Settings, name: str, password: str) -> str:
    async with open_house(settings) as house:
        account = await house.keeper.accounts.get(name)
        if account is None:
            return f"there is no account {name}"
        try:
            await house.keeper.set_password(account, password)
        except Denied as denied:
            return f"{name}: {_REASONS[denied.key]}"
    return ""


async def list_users(settings: Settings) -> list[str]:
    async with open_house(settings) as house:
        return [
            "\t".join((one.name, one.role, one.area or "*", "active" if one.active else "closed"))
            for one in await house.keeper.accounts.every()
        ]


async def add_token(settings: Settings, name: str, scopes: Sequence[str], area: str) -> tuple[str, str]:
    """The token, or why there is none."""
    async with open_house(settings) as house:
        units = await house.contacts.units()
        if area and area not in units:
            return "", f"no org unit {area}"
        try:
            issued = await house.admission.issue(name, scopes, path_of(area, units) if area else "")
        except Denied as denied:
            return "", f"{name}: {_REASONS[denied.key]}"
        return issued.text, ""


async def list_tokens(settings: Settings) -> list[str]:
    async with open_house(settings) as house:
        return [
            "\t".join(
                (
                    one.id,
                    one.name,
                    " ".join(one.scopes),
                    one.area or "*",
                    "revoked" if one.revoked else "good",
                )
            )
            for one in await house.admission.tokens.every()
        ]


async def revoke_token(settings: Settings, id_: str) -> str:
    async with open_house(settings) as house:
        token = await house.admission.tokens.get(id_)
        if token is None:
            return f"there is no token {id_}"
        await house.admission.revoke(token)
    return ""
