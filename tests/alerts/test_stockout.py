"""A stock-out reaches the right supervisor once, in her language, in one segment; the ladder goes on without her."""

import pytest

from bot.text.gsm import segment
from tests.alerts.district import AWA, BINTA, CENTRAL, DISTRICT, DTC, HOUR, OTHER_DTC, REGION, District

pytestmark = pytest.mark.asyncio(loop_scope="package")

TOLD = "RUPTURE SRO : Awa Traoré, CSCom de Falo, tél +22370000001. Répondez OK {number}"


async def by_sms(district: District) -> None:
    await district.phone().writes("STOCK SRO 0 CTE 20", "sms-1")


async def by_ussd(district: District) -> None:
    phone = district.phone()
    await phone.dials()
    shown = await phone.types("2", "2", "0", "4", "20")
    assert shown == "END Stock enregistré : SRO 0, CTE 20. Merci."


@pytest.mark.parametrize("says", [by_sms, by_ussd])
async def test_her_supervisor_hears_once_who_where_and_what(district: District, says: object) -> None:
    await says(district)  # type: ignore[operator]  # one of the two above
    for _ in range(3):
        await district.works()
    number = (await district.alert()).number
    assert district.heard() == [(DTC, TOLD.format(number=number))]
    assert len(segment(district.heard()[0][1]).parts) == 1


async def test_in_the_supervisors_language_even_when_it_has_just_changed(district: District) -> None:
    await by_sms(district)
    await district.change(DTC, language="bm")
    await district.works()
    ((_, text),) = district.heard()
    assert text.startswith("SRO BANNA: Awa Traoré, CSCom de Falo, tel +22370000001. OK ")
    assert len(segment(text).parts) == 1


async def test_her_ok_stops_the_ladder_and_is_answered_the_same_again(district: District) -> None:
    await by_sms(district)
    await district.works()
    alert = await district.alert()
    for _ in range(2):
        await district.phone(DTC).writes(f"ok {alert.number}", "ok-1")
    await district.works(100 * HOUR)
    reply = f"Alerte {alert.number} : c'est noté, vous suivez. Merci."
    assert [text for _, text in district.heard()[1:]] == [reply]
    assert district.told() == [DTC, DTC]
    alert = await district.alert()
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_name) == (
        "acknowledged",
        DTC,
        "Dr Fanta Doumbia",
    )
    what = [entry["what"] for entry in await district.house.alerts.log(alert.number)]
    assert what == ["raised", "told", "acknowledged"]


async def test_without_it_each_level_hears_after_its_delay_and_once(district: District) -> None:
    await by_sms(district)
    await district.works()
    await district.works(23 * HOUR)
    assert district.told() == [DTC]
    await district.works(HOUR)
    assert district.told() == [DTC, DISTRICT]
    await district.works(47 * HOUR)
    assert district.told() == [DTC, DISTRICT]
    await district.works(HOUR)
    for _ in range(3):
        await district.works(100 * HOUR)
    assert district.told() == [DTC, DISTRICT, REGION], "the settings say no delay after the region"
    alert = await district.alert()
    assert (alert.state, alert.level, alert.holder) == ("open", 2, REGION)


async def test_whoever_leads_where_it_happened_may_answer_and_nobody_else(district: District) -> None:
    await by_sms(district)
    await district.works()
    number = (await district.alert()).number
    await district.phone(OTHER_DTC).writes(f"OK {number}")
    await district.phone(AWA).writes(f"OK {number}")
    assert (await district.alert()).state == "open"
    await district.phone(CENTRAL).writes(f"OK {number}")
    await district.phone(DTC).writes(f"OK {number}")
    await district.phone(DTC).writes("OK 999999")
    await district.works()
    replies = dict(district.heard(OTHER_DTC, CENTRAL)) | {AWA: district.standin.texts_to(AWA)[-1]}
    assert replies == {
        OTHER_DTC: f"L'alerte {number} n'est pas de votre zone.",
        CENTRAL: f"Alerte {number} : c'est noté, vous suivez. Merci.",
        AWA: f"Pas d'alerte ouverte {number}.",
    }
    assert {text for _, text in district.heard(DTC)[1:]} == {
        f"Alerte {number} : Dr Mariam Touré s'en occupe déjà.",
        "Pas d'alerte ouverte 999999.",
    }


async def test_it_ends_by_itself_and_what_was_not_told_yet_is_not_told(district: District) -> None:
    await by_sms(district)
    await district.house.leading.ladder.run(district.clock())
    await district.phone().writes("STOCK SRO 30", "sms-2")
    await district.works()
    assert district.told() == []
    alert = await district.alert()
    assert (alert.state, alert.resolved_by) == ("resolved", AWA)
    await district.phone(DTC).writes(f"OK {alert.number}")
    await district.works(100 * HOUR)
    assert district.heard() == [(DTC, f"Alerte {alert.number} : déjà terminée.")]


async def says(district: District, *texts: str) -> None:
    """Awa writes these, one after the other, and what is due then is done."""
    for text in texts:
        await district.phone().writes(text)
        await district.works()


async def test_one_alert_is_open_at_a_time_and_another_time_is_another_alert(district: District) -> None:
    await says(district, "STOCK SRO 0", "STOCK SRO 0", "ANNULER")
    assert (await district.alert()).state == "open", "what she said before stands again: it is out"
    await says(district, "ANNULER")
    assert (await district.alert()).state == "resolved"
    await district.works(25 * HOUR)
    await says(district, "STOCK SRO 0")
    first, second = await district.alerts()
    assert (first.state, second.state) == ("resolved", "open")
    assert second.number == first.number + district.house.settings.store.shards, "the shard's next"
    assert district.told() == [DTC, DTC]


async def test_what_comes_and_goes_is_told_once(district: District) -> None:
    await says(district, "STOCK SRO 0", "STOCK SRO 30")
    await district.works(3 * HOUR)
    await says(district, "STOCK SRO 0", "STOCK SRO 40", "STOCK SRO 0")
    alert = await district.alert()
    assert (alert.state, alert.round, alert.resolved, district.told()) == ("open", 0, 0, [DTC])
    what = [entry["what"] for entry in await district.house.alerts.log(alert.number)]
    assert what == ["raised", "told", "resolved", "reopened", "resolved", "reopened"]
    await district.works(21 * HOUR)
    assert district.told() == [DTC, DISTRICT], "the next level hears when it would have, had it never ended"
    await district.house.leading.answers.acknowledge(alert.number, "ok", DTC, district.clock())
    await says(district, "STOCK SRO 30", "STOCK SRO 0")
    assert (await district.alert()).state == "acknowledged", "who sees to it goes on seeing to it"
    await says(district, "STOCK SRO 30")
    await district.works(25 * HOUR)
    await says(district, "STOCK SRO 0")
    assert [one.state for one in await district.alerts()] == ["resolved", "open"], (
        "a day later it is another one"
    )
    assert district.told() == [DTC, DISTRICT, DTC]


async def test_what_ended_before_anybody_heard_is_told_when_it_comes_back(district: District) -> None:
    await district.phone().writes("STOCK SRO 0")
    await district.house.leading.ladder.run(district.clock())
    await says(district, "STOCK SRO 30")
    assert district.told() == [], "it was over before its message left"
    await says(district, "STOCK SRO 0")
    assert district.told() == [DTC]


async def test_a_report_that_is_taken_back_ends_nothing(district: District) -> None:
    await says(district, "STOCK SRO 0", "STOCK SRO 30")
    assert (await district.alert()).state == "resolved"
    await district.works(48 * HOUR)
    await says(district, "ANNULER")
    alert = await district.alert()
    assert (alert.state, district.told()) == ("open", [DTC, DISTRICT]), "it has gone on, and its day was over"
    await district.house.leading.answers.resolve(alert.number, DTC, district.clock())
    await says(district, "STOCK SRO 30", "ANNULER")
    assert (await district.alert()).state == "resolved", "what a leader ended stays ended"


async def test_a_correction_is_judged_again(district: District) -> None:
    await district.phone().writes("STOCK SRO 0", "sms-1")
    await district.phone().writes("CORRIGER SRO 5", "sms-2")
    states = {alert.subject: alert.state for alert in await district.alerts()}
    assert states == {"stockout:SRO": "resolved", "low:SRO": "open"}


async def test_what_is_left_unfinished_is_judged_when_it_is_kept(district: District) -> None:
    phone = district.phone(BINTA)
    await phone.dials()
    await phone.types("2", "2", "0", "4")
    await district.house.gateway.settle()
    await district.works(25 * HOUR)
    assert [alert.subject for alert in await district.alerts()] == ["stockout:SRO"]
    await district.works()
    assert district.told() == [DTC]
