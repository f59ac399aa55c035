"""A step whose replicas are silent is kept, said to be in doubt, and asked again without harm."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from bot.flow.release import Release, Source
from bot.house import House
from bot.services.sending import BACKOFF
from bot.store.outbox import Body, message
from bot.store.servers import connect
from bot.store.tick import NotReplicated
from tests.servers import Node, one_server, until
from tests.standin import StandIn
from tests.store.contract_store import AWA, Store, record, step, stock
from tests.worker.work import Clock, at_standin

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
            async def kept() -> bool:
                with suppress(NotReplicated):  # the replica is slow to come back
                    return await store.sessions.commit(STEP) == ("END ussd:1", False)
                return False

            again = asyncio.create_task(until(kept))
            await asyncio.sleep(0)
            replica.thaw()
            await again
            assert len(await store.rows()) == 1
            await server.close()


async def test_a_message_leaves_only_once_a_replica_knows_that_it_does(
    tmp_path: Path, shipped: Source
) -> None:
    """Else a failover would have it sent again by whoever does not know."""
    async with (
        one_server(tmp_path / "primary", "repl-diskless-sync-delay 0") as primary,
        one_server(tmp_path / "replica", f"replicaof 127.0.0.1 {primary.port}") as replica,
        StandIn() as standin,
    ):
        await until(lambda: follows(primary))
        server = await connect(primary.url, tmp_path, wait_replicas=1)
        clock = Clock()
        house = House(at_standin(standin, "http"), server, clock)
        await house.functions.load()
        await house.releases.publish(Release(shipped), clock(), "files")
        reply = message("reply:1", Body(AWA, "reply", "I ni sogoma"), clock())

        async def queued() -> bool:
            with suppress(NotReplicated):  # the replica is slow
                return await house.outbox.queue([reply]) >= 0
            return False

        await until(queued)
        replica.freeze()
        await house.worker().once()
        assert (standin.requests, (await house.outbox.newest(AWA))[0].state) == ([], "queued")
        replica.thaw()

        async def sent() -> bool:
            clock.passes(BACKOFF[0])
            await house.worker().once()
            return (await house.outbox.newest(AWA))[0].state == "sent"

        await until(sent)
        assert len(standin.sent) == 1
        await house.close()
        await server.close()
