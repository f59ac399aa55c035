"""Who has a new number, in the tests that move her: what is known of a number, and phones of anybody."""

from bot.house import House
from bot.services.moving import LATE
from bot.store.keys import shard_of
from bot.store.rebuild import differences

AMINATA, OUMOU = "+22370000001", "+22370000002"
NEW, NEWER = "+22377112233", "+22366445566"
LATER = LATE.total_seconds() * 1000 + 1


async def different(house: House) -> list[str]:
    shards = house.settings.store.shards
    return await differences(house.functions, house.ledger, shards, house.programme.local)


async def counts(house: House) -> dict[str, int]:
    """All that was counted, over the shards."""
    found: dict[str, int] = {}
    for name in await house.server.tick.names():
        if b":count:" in name:
            period = name.decode().rpartition(":")[2]
            for field, number in (await house.server.tick.call("HGETALL", name)).items():
                key = f"{period} {field.decode()}"
                found[key] = found.get(key, 0) + int(number)
    return {key: number for key, number in found.items() if number}


async def known(house: House, msisdn: str) -> dict[str, str]:
    """What is known of a number, without when it was said."""
    found = await house.server.tick.call(
        "HGETALL", shard_of(msisdn, house.settings.store.shards).known(msisdn)
    )
    return {name.decode(): said.decode().partition("@")[0] for name, said in found.items()}


async def traces(house: House, msisdn: str) -> set[str]:
    """The kinds of keys that bear this number."""
    names = [name.decode() for name in await house.server.tick.names()]
    return {name.partition("}:")[2].partition(":")[0] for name in names if name.endswith(msisdn)}
