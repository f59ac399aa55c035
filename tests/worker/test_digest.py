"""Several alerts for one supervisor become one SMS, which each of them shares."""

import asyncio

import pytest
from msgspec import structs

from bot.flow.release import Release, Source
from bot.messages import DeliveryReport
from bot.services.digest import Digest
from bot.services.sending import BACKOFF
from bot.store.outbox import Body
from bot.text.gsm import septets
from tests.standin import Refuse, Says
from tests.worker.work import AWA, BINTA, COUMBA, Work, alert, leader

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]

WINDOW = 300


def told(cases: int) -> str:
    return f"ALERTE Choléra ({cases}) : Awa Traoré, Falo, tél {AWA}. Répondez OK {cases}"


def line(cases: int) -> str:
    return f"Choléra ({cases}), Awa Traoré ({cases})"


async def waited(work: Work) -> None:
    work.clock.passes(WINDOW)
    await work.worker.once()


async def test_alerts_of_one_window_leave_as_one_sms_and_the_first_opens_it(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA), leader(COUMBA)])
    await work.queue(alert(number=1), alert(COUMBA, number=2))
    work.clock.passes(WINDOW - 1)
    await work.queue(alert(number=3), name="late")
    await work.worker.once()
    assert work.heard() == []
    work.clock.passes(1)
    await work.worker.once()
    heard = dict(work.heard())
    assert len(work.heard()) == 2
    assert heard[COUMBA] == told(2), "alone in its window, it is told in full"
    assert heard[BINTA] == f"2 alertes :\n{line(3)}, Falo\n{line(1)}, Falo\nRépondez OK et le numéro"


async def test_those_that_do_not_fit_one_segment_are_counted(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA, language="bm")])
    await work.queue(*(alert(number=number) for number in range(1, 31)))
    await waited(work)
    ((_, text),) = work.heard()
    assert text == "Kunnafoni teliman 30:\nKunfilanitu: teliman 30, yòrò 1"


async def test_all_share_what_became_of_it_and_it_is_paid_once(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA)])
    await work.queue(alert(number=1, unit="ML/SEG"), alert(number=2, unit="ML/SEG"))
    await waited(work)
    first, second = (await work.lines()).values()
    assert (first.state, second.state, first.text == second.text) == ("sent", "sent", True)
    assert [(line.segments, line.cost, line.grouped_with) for line in (first, second)] == [
        (1, "XOF 12.0000", ""),
        (0, "", first.id),
    ]
    (spent,) = await work.house.spending.month("202611")
    assert (spent.unit, spent.kind, spent.segments, spent.cents) == ("ML/SEG", "alert", 1, 1200)
    report = DeliveryReport(first.provider_id, BINTA, "Success", "delivered")
    assert await work.house.outbox.deliver(report) == []
    assert set((await work.states()).values()) == {"delivered"}


async def test_one_that_is_tried_again_takes_those_that_came_since_with_it(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA)])
    work.standin.behave(BINTA, Says(500), times=1)
    await work.queue(alert(number=1), alert(number=2))
    await waited(work)
    assert set((await work.states()).values()) == {"queued"}
    await work.queue(alert(number=3), name="since")
    work.clock.passes(BACKOFF[0])
    await work.worker.once()
    ((_, text),) = work.heard()
    assert text.startswith("3 alertes :\n")
    assert [line.attempts for line in (await work.lines()).values()] == [2, 2, 1]


async def test_a_group_is_one_workers(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA)])
    await work.queue(*(alert(number=number) for number in range(1, 6)))
    work.clock.passes(WINDOW)
    workers = [work.house.worker() for _ in range(4)]
    await asyncio.gather(*(worker.once() for worker in workers))
    assert len(work.heard()) == 1


async def test_what_a_worker_claimed_and_did_not_begin_is_a_group_again(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA)])
    await work.queue(alert(number=1), alert(number=2))
    work.clock.passes(WINDOW)
    now, outbox = work.clock(), work.house.outbox
    taken = await outbox.claim(now, 60_000, {":grouped": 9}, await outbox.waiting(now, "202611"))
    assert len(taken) == 2
    await work.worker.once()
    assert work.heard() == []
    work.clock.passes(60)
    await work.worker.once()
    assert [text[:9] for _, text in work.heard()] == ["2 alertes"]
    assert not await outbox.begin(*taken)


async def test_what_cannot_be_said_is_left_out(work: Work) -> None:
    await work.house.contacts.put([leader(BINTA)])
    await work.queue(alert(number=1), alert(key="gone.told"), alert(number=3, expires=work.clock() + 1000))
    await waited(work)
    assert work.heard() == [(BINTA, told(1))]
    assert list((await work.states()).values()) == ["sent", "failed", "expired"]


async def test_who_did_not_hear_of_an_alert_is_named_once(work: Work) -> None:
    lost: list[tuple[str, int, str]] = []

    async def bounced(*about: object) -> None:
        lost.append(about)  # type: ignore[arg-type]  # as the hook is called

    work.house.bounced = bounced
    worker = work.house.worker()
    await work.house.contacts.put([leader(BINTA), leader(COUMBA, stopped=True), leader(AWA)])
    work.standin.behave(BINTA, Refuse(403))
    bodies = [alert(number=1), alert(number=2), alert(COUMBA, number=3), alert(AWA, number=4)]
    await work.queue(*bodies)
    await work.tell("+22379999999")
    work.clock.passes(WINDOW)
    for _ in range(2):
        await worker.once()
    assert sorted(lost) == [(BINTA, 1, "m:1"), (BINTA, 2, "m:2"), (COUMBA, 3, "m:3")]
    report = DeliveryReport((await work.line("m:4")).provider_id, AWA, "Failed", "failed", "UserInactive")
    (gone,) = await work.house.outbox.deliver(report) or []
    assert (gone.id, gone.body.to, gone.body.alert) == ("m:4", AWA, 4)
    assert await work.house.outbox.deliver(report) == [], "said once"


def with_lines(shipped: Source) -> Release:
    """The shipped words, and a short line for an alert."""
    more = {"alert.stock.told": "{name} a besoin de tout", "alert.stock.line": "{name} : tout"}
    french = shipped.words["fr"] + "".join(
        f'\nmsgid "{key}"\nmsgstr "{text}"\n' for key, text in more.items()
    )
    return Release(structs.replace(shipped, words={**shipped.words, "fr": french}), 1)


def digest(release: Release, *alerts: Body, language: str = "fr") -> str:
    return Digest(alerts, language, release, "*123#").text()


async def test_a_digest_says_each_alerts_own_short_line(shipped: Source, kind: str) -> None:
    release = with_lines(shipped)
    alerts = [
        alert(key="alert.stock.told", values={"name": name, "unit": "Falo"}) for name in ("Awa", "Coumba")
    ]
    how = "Répondez OK et le numéro"
    assert digest(release, *alerts) == f"2 alertes :\nAwa : tout, Falo\nCoumba : tout, Falo\n{how}"
    endless = [alert(key="alert.stock.told", values={"name": "A" * 150})] * 3
    assert digest(release, *endless) == "3 alertes :\n+3 : *123#"


def of(kind: str, number: int, unit: str = "CSCom de Diaramana", **values: str) -> Body:
    said = {"name": f"Mariam Koné {number}", "unit": unit, "number": str(number), **values}
    return alert(key=f"alert.{kind}.told", values=said)


async def test_the_gravest_are_named_whatever_else_there_is(release: Release, kind: str) -> None:
    lows = [of("low", number, product="PAR", quantity="1") for number in range(1, 6)]
    outs = [of("stockout", number, product="CTE") for number in (420, 421)]
    text = digest(release, *lows, *outs)
    assert text.startswith(
        "7 alertes :\nCTE fini, Mariam Koné 420 (420)\nCTE fini, Mariam Koné 421 (421)\nPAR 1,"
    )
    assert text.endswith("\n+3 : *123#")
    assert septets(text) <= 160


@pytest.mark.parametrize("language", ["fr", "bm"])
async def test_a_whole_district_out_of_a_product_is_one_line(
    release: Release, language: str, kind: str
) -> None:
    outs = [of("stockout", number, f"CSCom {number % 5}", product="CTE") for number in range(97)]
    other = [of("stockout", number, product="SRO") for number in range(2)]
    low = [of("low", 1, product="TDR", quantity="3")]
    told = {
        "fr": "100 alertes :\nCTE fini : 97 ASC, lieux : 5\nSRO fini : 2 ASC, lieux : 1\nTDR 3, Mariam Koné 1 (1)",
        "bm": "Kunnafoni teliman 100:\nCTE banna: ASC 97, yòrò 5\nSRO banna: ASC 2, yòrò 1\nTDR 3, Mariam Koné 1 (1)",
    }
    assert digest(release, *low, *other, *outs, language=language) == told[language]
