"""A real cluster under load: a master killed, a replica lost, a slot moved. What two disks held is there after."""

import sys
from asyncio import get_running_loop
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from bot import gateway
from bot.config import Settings
from bot.flow.release import Source
from bot.house import House
from bot.store.keys import shard_of
from tests.chaos.account import agrees
from tests.chaos.load import NUMBERS, Load, house_at, under_load
from tests.servers import Cluster, Node, cluster, until

BACK = 10.0
"""Seconds within which a part of the country that lost its master is served again."""


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[Cluster]:
    async with cluster(tmp_path, masters=3, replicas=1) as many:
        yield many


@pytest.fixture
async def house(
    many: Cluster, settings: Settings, shipped: Source, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setattr(gateway, "PATIENCE", 1.0)
    async with house_at(many.url, settings, shipped, replicas=1) as house:
        yield house


async def test_a_master_is_killed_and_its_replica_takes_over(many: Cluster, house: House) -> None:
    clock = get_running_loop().time
    async with under_load(house) as (load, door):
        many.nodes[0].kill()
        killed = clock()
        await until(door.red)
        await load.goes_on()
        await until(door.ready)
        back = clock() - killed
        await everybody_reports(load)
    await agrees(load.account, house)
    assert back < BACK
    sys.stdout.write(f"\na master killed: every part served again after {back:.1f} s\n")


async def test_a_replica_is_lost_and_found(many: Cluster, house: House) -> None:
    """With no replica left a master goes on alone, and says so; nothing is lost, since it has a disk too."""
    async with under_load(house) as (load, door):
        many.nodes[3].kill()
        await load.goes_on()
        await until(door.ready)
        many.nodes[3].start()
        await until(many.whole)
        await everybody_reports(load)
    await agrees(load.account, house)


async def test_a_slot_moves_while_it_is_served(many: Cluster, house: House) -> None:
    slot = key_slot(shard_of(NUMBERS[0], house.settings.store.shards).contacts.encode())
    async with under_load(house) as (load, door):
        source, target = await sides(many, slot)
        await begin(source, target, slot)
        await load.goes_on()
        while keys := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 3):
            names = [key.decode() for key in keys]
            await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "KEYS", *names)
            await load.goes_on(3)
        for node in (target, *many.nodes):
            if (await node.info("replication"))["role"] == "master":
                await node.ask("CLUSTER", "SETSLOT", slot, "NODE", await name(target))
        await until(door.ready)
        await everybody_reports(load)
        assert (await sides(many, slot))[0] is target
    await agrees(load.account, house)


async def everybody_reports(load: Load) -> None:
    """Every phone has something kept from now on, whatever shard it is in."""
    before = len(load.account.kept)

    async def reported() -> bool:
        return {msisdn for msisdn, _ in load.account.kept[before:]} == set(NUMBERS)

    await until(reported, 30)


async def name(node: Node) -> str:
    return str((await node.ask("CLUSTER", "MYID")).decode())


async def sides(many: Cluster, slot: int) -> tuple[Node, Node]:
    """The master that serves the slot now, and another."""
    masters: dict[int, bool] = {}
    for first, last, master, *_ in await many.nodes[1].ask("CLUSTER", "SLOTS"):
        masters[master[1]] = first <= slot <= last or masters.get(master[1], False)
    nodes = {node.port: node for node in many.nodes}
    (source,) = [nodes[port] for port, serves in masters.items() if serves]
    return source, next(nodes[port] for port, serves in masters.items() if not serves)


async def begin(source: Node, target: Node, slot: int) -> None:
    await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", await name(source))
    await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", await name(target))
