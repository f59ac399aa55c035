"""`run`, `gateway` and `worker` as a service: what they say, what they share, and how they end."""

import asyncio
import shlex
import signal
from pathlib import Path

from aiohttp import ClientConnectionError, ClientSession, TCPConnector, web

from bot.store.keys import RELEASES
from tests.calls import Phone
from tests.cli.operator import Operator
from tests.consoles import consoles_of, is_console
from tests.servers import one_server, until

AMINATA, OUMOU = "+22370000001", "+22370000002"


async def curl(client: ClientSession, line: str) -> str:
    """What the printed `curl` line would show."""
    name, option, form, url = shlex.split(line)
    assert (name, option) == ("curl", "-d")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with client.post(url, data=form.encode(), headers=headers) as response:
        assert response.status == 200
        return await response.text()


async def test_run_says_where_the_phone_is_and_a_line_that_dials(
    operator: Operator, client: ClientSession
) -> None:
    async with operator.leaves_running("run", "--port", "0") as running:
        url = await running.address()
        assert await running.line() == f"Console: {url}/admin/"
        first = await running.line()
        assert first.startswith("First administrator: admin, one-time password ")
        phone = await running.line()
        assert f"{url}/admin/phone" in phone
        assert f"kunnafoni phone --url {url}" in phone
        said, _, line = (await running.line()).partition(": ")
        assert said == "Dial with curl"
        assert (await curl(client, line)).startswith("CON Kunnafoni")
        for path, shown in (("/admin/phone", "<html"), ("/healthz", "alive"), ("/readyz", "ready")):
            async with client.get(f"{url}{path}") as response:
                assert (response.status, shown in await response.text()) == (200, True)
    ended = await running.end()
    assert (ended.code, ended.out) == (0, "")
    assert "stopping" in ended.err


async def test_it_ends_within_seconds_though_phones_hold_their_lines(
    operator: Operator, client: ClientSession
) -> None:
    """Ctrl-C; and without the demo there are no people and no phone to try."""
    async with operator.leaves_running("run", "--port", "0", "--no-demo") as running:
        url = await running.address()
        await running.line()
        await running.line()
        assert (await running.line()).startswith("Dial with curl: ")
        for number in range(5):
            await Phone(client, url, f"+2237000000{number}").dials()  # and keeps the connection open
        async with client.get(f"{url}/admin/phone") as response:
            assert response.url.path == "/admin/sign-in"
        running.stop(signal.SIGINT)
        ended = await asyncio.wait_for(running.end(), 5)
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert len((await operator.asks("contacts", "export")).lines) == 1


async def test_gateway_and_worker_apart_on_one_folder(operator: Operator, client: ClientSession) -> None:
    async with operator.leaves_running("worker") as worker:
        await until(lambda: listed(operator, "queued", 0))
        async with operator.leaves_running("gateway", "--port", "0", "--demo") as gateway:
            phone = Phone(client, await gateway.address(), OUMOU)
            await phone.writes("STOCK SRO 5 CTE 3", "sms-1")
            await until(lambda: listed(operator, "delivered", 1))
        assert (await gateway.end()).code == 0
    assert (await worker.end()).code == 0
    assert "sms_out id=reply:sms-1 to=" in (await worker.end()).err
    assert OUMOU not in (await worker.end()).err
    assert (await operator.asks("rebuild")).code == 0


async def listed(operator: Operator, state: str, times: int) -> bool:
    """So many messages are in that state."""
    said = await operator.asks("outbox", "export")
    return said.code == 0 and said.out.count(f'"state":"{state}"') == times


async def test_two_gateways_share_a_port_and_the_first_may_leave(operator: Operator) -> None:
    async with operator.leaves_running("gateway", "--port", "0", "--demo") as first:
        url = await first.address()
        port = url.rpartition(":")[2]
        async with operator.leaves_running("gateway", "--port", port, "--demo") as second:
            assert await second.address() == url
            first.stop()
            assert (await first.end()).code == 0
            await until(lambda: dials(url))
        assert (await second.end()).code == 0


async def dials(url: str) -> bool:
    """A new connection is answered; none of those that only the one who left had."""
    try:
        async with ClientSession() as client:
            return (await Phone(client, url, AMINATA).dials()).startswith("CON ")
    except (ClientConnectionError, AssertionError):
        return False


async def test_no_call_is_cut(operator: Operator, tmp_path: Path) -> None:
    """A reply that waits for the disk when the gateway is told to stop comes, and what it says is kept."""
    async with one_server(tmp_path / "server") as node:
        env = {"KUNNAFONI_STORE__URL": node.url}
        async with (
            operator.leaves_running("run", "--port", "0", "--demo", env=env) as running,
            ClientSession(connector=TCPConnector(force_close=True)) as client,
        ):
            phone = Phone(client, await running.address(), OUMOU)
            await phone.dials()
            await phone.types("5")
            node.freeze()
            last = asyncio.create_task(phone.types("1"))
            done, _ = await asyncio.wait([last], timeout=0.3)
            assert not done
            running.stop()
            await running.complains("stopping")
            node.thaw()
            assert (await last).startswith("END ")
            assert (await running.end()).code == 0
        said = await operator.asks("reports", "export", env=env)
        assert [line.count('"received":"yes"') for line in said.lines] == [1]


async def test_the_console_ends_with_its_gateway_however_that_ends(
    operator: Operator, client: ClientSession
) -> None:
    async with operator.leaves_running("run", "--port", "0") as running:
        url = await running.address()
        async with client.get(f"{url}/admin/sign-in") as page:
            assert page.status == 200
        (console,) = consoles_of(running.process.pid)
        running.stop(signal.SIGKILL)

        async def gone() -> bool:
            return not is_console(console)

        await until(gone)


async def test_a_release_that_cannot_be_read_leaves_the_one_there_is(
    operator: Operator, client: ClientSession, tmp_path: Path
) -> None:
    async with one_server(tmp_path / "server") as node:
        env = {"KUNNAFONI_STORE__URL": node.url}
        async with operator.leaves_running("run", "--port", "0", "--demo", env=env) as running:
            phone = Phone(client, await running.address(), OUMOU)
            await node.ask("HSET", RELEASES, "current", 99)
            assert "release 99" in await running.complains("release_not_refreshed")
            assert (await phone.dials()).startswith("CON Kunnafoni")


async def test_a_store_that_would_lose_reports_is_refused(operator: Operator, tmp_path: Path) -> None:
    async with one_server(tmp_path / "server", "appendonly no") as node:
        env = {"KUNNAFONI_STORE__URL": node.url}
        async with operator.leaves_running("run", "--port", "0", env=env) as running:
            ended = await running.end()
    assert (ended.code, ended.out) == (1, "")
    assert "appendonly no" in ended.err
    assert "Traceback" not in ended.err


async def test_a_port_that_is_taken_is_said_in_one_line(operator: Operator) -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with operator.leaves_running("run", "--port", str(port)) as running:
        ended = await running.end()
    await runner.cleanup()
    assert (ended.code, ended.out) == (1, "")
    assert str(port) in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
