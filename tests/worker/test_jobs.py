"""Jobs that repeat: one worker at a time does them, another takes over, and no failure stops them."""

import asyncio
from contextlib import suppress

import pytest
from msgspec import structs

from bot.house import House
from bot.services.jobs import Job, Jobs
from bot.store.embedded import StoreError
from bot.store.servers import Server
from tests.servers import until
from tests.worker.work import Clock, Work

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]


class Diary:
    """Who did a job, and when by the clock."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.done: list[tuple[str, int]] = []

    def jobs(self, holder: str, *, fails: bool = False) -> Jobs:
        async def run(now: int) -> None:
            self.done.append((holder, now))
            if fails:
                raise RuntimeError("a bug")

        return Jobs([Job("count", 10, run)], self.work.house.leases, holder, self.work.clock)

    async def holds(self, holder: str, many: int) -> None:
        """Waits until this holder has done it so many times."""

        async def often() -> bool:
            return sum(name == holder for name, _ in self.done) >= many

        await until(often)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_one_of_two_does_it_and_the_other_takes_over(work: Work) -> None:
    diary = Diary(work)
    first = asyncio.create_task(diary.jobs("first").run())
    await diary.holds("first", 1)
    second = asyncio.create_task(diary.jobs("second").run())
    await diary.holds("first", 4)
    assert {name for name, _ in diary.done} == {"first"}
    await ended(first)
    await diary.holds("second", 2)
    await ended(second)
    assert diary.done[-1] == ("second", work.clock())


async def test_a_holder_that_died_is_replaced_when_its_lease_ends(work: Work) -> None:
    leases = work.house.leases
    assert await leases.hold("count", "dead", 80)
    assert await leases.hold("count", "dead", 80), "it may be renewed"
    diary = Diary(work)
    assert not await leases.hold("count", "other", 80)
    running = asyncio.create_task(diary.jobs("alive").run())
    await diary.holds("alive", 1)
    await ended(running)
    assert await leases.hold("count", "other", 1000), "left when it stopped"
    await leases.leave("count", "stranger")
    assert not await leases.hold("count", "stranger", 1000)


async def test_a_job_that_fails_is_told_and_tried_again(work: Work, caplog: pytest.LogCaptureFixture) -> None:
    diary = Diary(work)
    running = asyncio.create_task(diary.jobs("one", fails=True).run())
    await diary.holds("one", 2)
    await ended(running)
    assert "worker_stumbled job=count" in caplog.text


async def test_what_one_cannot_do_is_left_to_another(work: Work, caplog: pytest.LogCaptureFixture) -> None:
    """Who fails has held it for hours else, and nobody with the right disk would ever get to it."""
    there = asyncio.Event()

    async def cannot(_: int) -> None:
        there.set()
        raise StoreError("the archive is not here")

    without = Jobs([Job("count", 3_600_000, cannot)], work.house.leases, "without", work.clock)
    first = asyncio.create_task(without.run())
    await there.wait()
    diary = Diary(work)
    second = asyncio.create_task(diary.jobs("with").run())
    await diary.holds("with", 2)
    await ended(first)
    await ended(second)
    assert "job_not_done job=count why=the archive is not here" in caplog.text


async def test_only_who_has_the_folder_takes_it_upon_him_to_archive(work: Work) -> None:
    names = {job.name for job in work.house.jobs}
    assert {"packing", "archiving", "forgetting"} <= names
    settings = work.house.settings
    elsewhere = structs.replace(
        settings, store=structs.replace(settings.store, url="redis://store", archives="")
    )
    house = House(elsewhere, work.house.server, work.clock)
    assert names - {job.name for job in house.jobs} == {"archiving"}
    await house.close()


async def test_a_worker_does_the_jobs_of_its_house(work: Work, server: Server) -> None:
    done: list[int] = []

    async def run(now: int) -> None:
        done.append(now)

    work.house.jobs.append(Job("mine", 3_600_000, run))
    worker = work.house.worker()
    await worker.once()
    work.clock.passes(60)
    await worker.once()
    assert done == [Clock()(), work.clock()]
    running = asyncio.create_task(worker.run())

    async def thrice() -> bool:
        return len(done) == 3

    await until(thrice)
    await ended(running)
