"""A slot half of whose keys have moved to another server: a step is refused whole, and kept once the rest is there."""

from pathlib import Path

import pytest
from redis.crc import key_slot

from bot.store.keys import shard_of
from bot.store.servers import connect
from bot.store.tick import StoreUnavailable
from tests.servers import Node, cluster
from tests.store.contract_store import AWA, Store, record, step, stock


async def name(node: Node) -> str:
    return str((await node.ask("CLUSTER", "MYID")).decode())


async def moved(source: Node, target: Node, *keys: str) -> None:
    await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "KEYS", *keys)


@pytest.mark.parametrize("first", ["contact", "ledger"])
async def test_a_step_waits_until_its_shard_has_moved(tmp_path: Path, first: str) -> None:
    async with cluster(tmp_path, masters=2) as many:
        server = await connect(many.url, tmp_path)
        store = Store(server)
        await store.functions.load()
        await store.contacts.change(AWA, language="fr")
        await store.sessions.commit(step("ussd:1", record("stock", stock("SRO", 12))))
        slot = key_slot(shard_of(AWA, 8).contacts.encode())
        found = {
            node.port: {key.decode() for key in await node.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)}
            for node in many.nodes
        }
        source, target = sorted(many.nodes, key=lambda node: -len(found[node.port]))
        early = {key for key in found[source.port] if f":{first}:" in key}
        assert early
        await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", await name(source))
        await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", await name(target))
        await moved(source, target, *early)
        late = step("ussd:2", record("stock", stock("SRO", 9)))
        with pytest.raises(StoreUnavailable):
            await store.sessions.commit(late)
        await moved(source, target, *(found[source.port] - early))
        for node in many.nodes:
            await node.ask("CLUSTER", "SETSLOT", slot, "NODE", await name(target))
        await store.sessions.commit(late)
        assert [row.answers["quantity"] for row in await store.rows()] == [12, 9]
        await server.close()
