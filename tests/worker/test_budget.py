"""What messages cost, by unit and kind; what waits when the money is spent, and who is told."""

import pytest

from bot.services.sending import cents
from bot.text.fold import to_gsm
from bot.text.gsm import septets
from tests.worker.work import AWA, BINTA, COUMBA, Work, alert, at, leader, reminder

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]

CENTRE = "+22376000009"


async def people(work: Work) -> None:
    await work.house.contacts.put([leader(AWA, role="asc"), leader(BINTA), leader(CENTRE, role="central")])


@pytest.mark.parametrize(
    ("said", "segments", "counted"),
    [("XOF 12.0000", 1, 1200), ("XOF 24", 2, 2400), ("KES 0.8000", 2, 3000), ("", 1, 1500), ("0", 1, 1500)],
)
async def test_a_cost_is_what_the_provider_says_in_our_money(
    kind: str, said: str, segments: int, counted: int
) -> None:
    assert cents(said, segments, 15.0) == counted


async def test_costs_add_up_by_unit_and_kind_over_all_shards(work: Work) -> None:
    await people(work)
    await work.queue(reminder(AWA), reminder(AWA), alert(BINTA, unit="ML/SEG", urgent=True))
    await work.reply(COUMBA, "A" * 200)
    await work.worker.once()
    await work.worker.once()
    found = {
        (one.unit, one.kind): (one.segments, one.cents) for one in await work.house.spending.month("202611")
    }
    assert found == {
        ("", "reply"): (1, 1200),
        ("ML/SEG", "alert"): (1, 1200),
        ("ML/SEG/FALO", "reminder"): (2, 2400),
    }
    assert await work.house.spending.month("202612") == []


async def test_when_the_budget_is_spent_reminders_wait_for_the_next_month(work: Work) -> None:
    poor = await work.under(budget=36.0, daily_cap=0)
    await people(work)
    await work.queue(*[reminder(AWA)] * 3)
    await poor.worker.once()
    assert len(work.heard()) == 3
    await work.queue(reminder(AWA), alert(BINTA, urgent=True), name="more")
    await work.reply(AWA, "Recu")
    await poor.worker.once()
    assert sorted(number for number, _ in work.heard()[3:]) == [AWA, BINTA, CENTRE]
    assert (await work.line("more:1")).state == "queued"
    # A higher budget lets it go, and so would December.
    rich = await work.under(budget=100.0)
    await rich.worker.once()
    assert (await work.line("more:1")).state == "sent"
    await work.queue(*[reminder(AWA)], name="december")
    work.clock.now = at("12:00", 30) + 86_400_000
    await poor.worker.once()
    assert (await work.line("december:1")).state == "sent"


async def test_the_centre_is_told_at_eighty_per_cent_and_at_a_hundred_once(work: Work) -> None:
    house = await work.under(budget=120.0, daily_cap=0)
    await people(work)

    async def spends(name: str, many: int) -> list[str]:
        before = len(work.heard())
        await work.queue(*[reminder(AWA)] * many, name=name)
        await house.worker.once()
        await house.worker.once()
        await (await work.under(budget=120.0)).worker.once()
        return [text for number, text in work.heard()[before:] if number == CENTRE]

    assert await spends("a", 7) == []
    (warning,) = await spends("b", 1)
    assert warning == "Kunnafoni : 80 % du budget SMS de 11/2026 (120 FCFA) sont dépensés."
    (spent,) = await spends("c", 1)
    assert spent.startswith("Kunnafoni : le budget SMS de 11/2026 (120 FCFA) est dépensé.")
    assert await spends("d", 1) == []
    assert {f"budget:202611:80:{CENTRE}", f"budget:202611:100:{CENTRE}"} <= (await work.lines()).keys()


async def test_budget_words_fit_one_segment(work: Work) -> None:
    values = {"percent": "1000", "month": "11/2026", "budget": "1000000000"}
    release = work.house.releases.find(1)
    for key in ("budget.warning", "budget.spent"):
        for language in ("fr", "bm"):
            assert septets(to_gsm(release.words.say(language, key, values))) <= 160
