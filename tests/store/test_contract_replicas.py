"""A step whose replicas are silent is kept, said to be in doubt, and asked again without harm."""

import asyncio
from pathlib import Path

import pytest

from bot.store.servers import connect
from bot.store.tick import NotReplicated
from tests.servers import Node, one_server, until
from tests.store.contract_store import Store, record, step, stock

STEP = step("ussd:1", record("stock", stock("SRO", 12)))


async def follows(primary: Node) -> bool:
    said = await primary.info("replication")
    return bool(said["connected_slaves"] == 1 and said["slave0"]["state"] == "online")


async def test_a_step_in_doubt_is_asked_again_and_kept_once(tmp_path: Path) -> None:
    async with one_server(tmp_path / "primary", "repl-diskless-sync-delay 0") as primary:
        behind = f"replicaof 127.0.0.1 {primary.port}"
        async with one_server(tmp_path / "replica", behind) as replica:
            await until(lambda: follows(primary))
            server = await connect(primary.url, tmp_path, wait_replicas=1)
            store = Store(server)
            await store.functions.load()
            replica.freeze()
            with pytest.raises(NotReplicated):
                await store.sessions.commit(STEP)
            assert len(await store.rows()) == 1

            # Asked again while the replica comes back: the second answer is good, and the first one's.
            again = asyncio.create_task(store.sessions.commit(STEP))
            await asyncio.sleep(0)
            replica.thaw()
            assert await again == ("END ussd:1", False)
            assert len(await store.rows()) == 1
            await server.close()
