"""Broadcasts by what the provider received: exactly those they are for, once, and each answer counted once."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.messages import Inbound
from bot.people import Contact, Unit
from bot.services.audience import Audience, AudienceError
from bot.services.broadcasts import Broadcasts
from bot.services.plans import State
from bot.store.rebuild import differences
from bot.text.gsm import segment
from tests.standin import Refuse
from tests.worker.work import AWA, BINTA, COUMBA, Work

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]

DJENEBA, FANTA, STOPPED, GONE = (f"+2237600001{n}" for n in range(4))
DAY = 86_400
ASC = Audience(roles=("asc",))
QUESTION = {
    "fr": "Bonjour {name}, reunion vendredi au {unit}. Venez-vous ?",
    "bm": "I ni ce {name}. Lajɛ bɛ kɛ juma don, {unit}: i bɛ na wa?",
}
CHOICES = {"fr": ("Oui", "Non"), "bm": ("Awɔ", "Ayi")}


def person(msisdn: str, name: str, **said: object) -> Contact:
    known: dict[str, object] = {
        "role": "asc",
        "org_unit": "FALO",
        "language": "fr",
        "path": "ML/SEG/BLA/FALO",
    }
    return Contact(msisdn, name, **{**known, **said})  # type: ignore[arg-type]  # a test says what it means


@pytest_asyncio.fixture(loop_scope="package")
async def sent(work: Work) -> AsyncIterator[Broadcasts]:
    """The broadcasts of a house with four ASC in two districts, one who said STOP, one who left, and a DTC."""
    await work.house.contacts.put_units(
        Unit(code, name, parent)
        for code, name, parent in (
            ("ML", "Mali", ""),
            ("SEG", "Ségou", "ML"),
            ("BLA", "Bla", "SEG"),
            ("FALO", "CSCom de Falo", "BLA"),
            ("NIO", "Niono", "SEG"),
        )
    )
    await work.house.contacts.put(
        [
            person(AWA, "Awa Traoré"),
            person(COUMBA, "Coumba Diarra", language="bm"),
            person(DJENEBA, "Djénéba Koné", org_unit="NIO", path="ML/SEG/NIO"),
            person(FANTA, "Fanta Sidibé", language="bm", letters=True),
            person(STOPPED, "Salif Konaté", stopped=True),
            person(GONE, "Gaoussou Cissé", active=False),
            person(BINTA, "Dr Binta", role="dtc"),
        ]
    )
    yield work.house.broadcasts


async def writes(work: Work, msisdn: str, text: str) -> str:
    """An SMS to the house; the reply to it."""
    work.clock.passes(1)
    name = f"{msisdn}-{work.clock()}"
    await work.house.gateway.receive(Inbound("africastalking", "sms", name, msisdn, text))
    return (await work.line(f"reply:{name}")).text


async def state(sent: Broadcasts) -> State:
    (one,) = [one async for one in sent.states()]
    return one


async def test_a_plan_counts_and_prices_and_sends_nothing(work: Work, sent: Broadcasts) -> None:
    plan = await sent.plan(ASC, QUESTION, CHOICES)
    assert {letter.to for letter in plan.letters} == {AWA, COUMBA, DJENEBA, FANTA}
    # Fanta reads ɛ and ɔ, and two parts of UCS-2 are paid for her.
    assert (plan.count, plan.segments, plan.cost) == (4, 5, 60.0)
    assert {language: share.segments for language, share in plan.by_language.items()} == {"fr": 2, "bm": 3}
    assert {unit: share.count for unit, share in plan.by_unit.items()} == {"ML/SEG": 4}
    assert sorted((one.msisdn, one.why) for one in plan.excluded) == [
        (STOPPED, "opted out"),
        (GONE, "not active"),
    ]
    assert {
        language: text.partition(".")[2].partition("\n")[0] for language, text in plan.sample.items()
    } == {
        "fr": " Venez-vous ?",
        "bm": " Lajè bè kè juma don, CSCom de Falo: i bè na wa?",
        "bm+": " Lajɛ bɛ kɛ juma don, CSCom de Falo: i bɛ na wa?",
    }, "letter for letter as it is sent"
    await work.worker.once()
    assert work.heard() == []


async def test_each_reads_her_own_words_once(work: Work, sent: Broadcasts) -> None:
    for _ in range(2):
        plan = await sent.plan(ASC, QUESTION, CHOICES)
        id_ = await sent.send(plan, "Sata")
        await work.worker.once()
    heard = dict(work.heard())
    assert len(work.heard()) == len(heard) == plan.count
    assert heard[AWA] == "Bonjour Awa Traoré, reunion vendredi au CSCom de Falo. Venez-vous ?\n1 Oui\n2 Non"
    assert (
        heard[COUMBA]
        == "I ni ce Coumba Diarra. Lajè bè kè juma don, CSCom de Falo: i bè na wa?\n1 Awò\n2 Ayi"
    )
    assert (
        heard[FANTA] == "I ni ce Fanta Sidibé. Lajɛ bɛ kɛ juma don, CSCom de Falo: i bɛ na wa?\n1 Awɔ\n2 Ayi"
    )
    assert [len(segment(text).parts) for text in heard.values()].count(1) == 3
    told = await state(sent)
    assert (told.id, told.by, told.audience, told.people) == (id_, "Sata", "role asc", 4)
    assert (told.sent, told.waiting) == (4, 0)
    assert told.segments == 4, "the stand-in says one part of each, whatever it is"
    assert await sent.state(id_) == told
    assert await sent.state("nothing") is None


async def test_what_was_announced_is_what_is_paid(work: Work, sent: Broadcasts) -> None:
    plan = await sent.plan(Audience(unit="SEG"), {"fr": "Bonjour"}, {})
    assert {unit: share.count for unit, share in plan.by_unit.items()} == {"ML/SEG/BLA": 4, "ML/SEG/NIO": 1}
    await sent.send(plan, "Sata")
    await work.worker.once()
    assert len(work.heard()) == plan.segments == 5
    assert (await sent.plan(ASC, {"fr": "Encore"}, {})).spent == plan.cost == 60.0


async def test_language_stop_and_roster_count_when_it_leaves(work: Work, sent: Broadcasts) -> None:
    plan = await sent.plan(ASC, QUESTION)
    await sent.send(plan, "Sata")
    await work.house.contacts.change(AWA, language="bm")
    await work.house.contacts.change(COUMBA, stopped="1")
    await work.worker.once()
    heard = dict(work.heard())
    assert heard[AWA].startswith("I ni ce Awa")
    assert set(heard) == {AWA, DJENEBA, FANTA}
    assert (await state(sent)).unsent == 1


async def test_an_answer_counts_once_and_may_be_changed(work: Work, sent: Broadcasts) -> None:
    await sent.send(await sent.plan(ASC, QUESTION, CHOICES), "Sata")
    await work.worker.once()
    assert await writes(work, AWA, "1") == "Noté : Oui. Merci."
    assert await writes(work, AWA, "oui") == "Noté : Oui. Merci."
    assert await writes(work, COUMBA, "ayi") == "A sèbènna: Ayi. I ni ce."
    assert (await state(sent)).answers == {"Oui": 1, "Non": 1}
    assert await writes(work, AWA, "Non") == "Noté : Non. Merci."
    assert (await state(sent)).answers == {"Oui": 0, "Non": 2}
    assert (
        await differences(
            work.house.functions,
            work.house.ledger,
            work.house.settings.store.shards,
            work.house.programme.local,
        )
        == []
    )


async def test_the_same_sms_again_changes_nothing(work: Work, sent: Broadcasts) -> None:
    await sent.send(await sent.plan(ASC, QUESTION, CHOICES), "Sata")
    await work.worker.once()
    first = Inbound("africastalking", "sms", "ATXid_1", AWA, "1")
    await work.house.gateway.receive(first)
    await writes(work, AWA, "2")
    await work.house.gateway.receive(first)
    assert (await state(sent)).answers == {"Oui": 0, "Non": 1}


async def test_a_report_in_between_stays_a_report(work: Work, sent: Broadcasts) -> None:
    await work.house.contacts.put([person(AWA, "Awa Traoré", products=("SRO",))])
    await sent.send(await sent.plan(ASC, QUESTION, CHOICES), "Sata")
    await work.worker.once()
    assert "SRO 12" in await writes(work, AWA, "SRO 12")
    assert (await state(sent)).answers == {"Oui": 0, "Non": 0}
    assert await writes(work, AWA, "2") == "Noté : Non. Merci."
    (row,) = [row async for row in work.house.ledger.read()]
    assert (row.kind, row.answers) == ("stock", {"product": "SRO", "quantity": 12})


async def test_the_question_sent_last_is_answered_and_none_after_a_week(work: Work, sent: Broadcasts) -> None:
    await sent.send(await sent.plan(ASC, QUESTION, CHOICES), "Sata")
    await work.worker.once()
    work.clock.passes(3600)
    other = await sent.send(
        await sent.plan(ASC, {"fr": "Quand ?"}, {"fr": ("Matin", "Midi", "Soir")}), "Sata"
    )
    assert await writes(work, AWA, "2") == "Noté : Non. Merci.", "the other has not left yet"
    await work.worker.once()
    assert await writes(work, AWA, "3") == "Noté : Soir. Merci."
    told = await sent.state(other)
    assert told is not None
    assert told.answers == {"Matin": 0, "Midi": 0, "Soir": 1}
    work.clock.passes(8 * DAY)
    assert "question" in await writes(work, AWA, "1")


async def test_a_roster_read_again_leaves_the_question(work: Work, sent: Broadcasts) -> None:
    await sent.send(await sent.plan(ASC, QUESTION, CHOICES), "Sata")
    await work.worker.once()
    await work.house.contacts.put([person(AWA, "Awa Traoré")])
    assert await writes(work, AWA, "1") == "Noté : Oui. Merci."


async def test_those_who_have_not(work: Work, sent: Broadcasts) -> None:
    await writes(work, AWA, "PRESENT")
    await writes(work, COUMBA, "STOCK SRO 3")
    not_yet = Audience(who_has_not="checkin")
    assert {letter.to for letter in (await sent.plan(not_yet, QUESTION)).letters} == {COUMBA, DJENEBA, FANTA}
    week = Audience(who_has_not="stock")
    assert {letter.to for letter in (await sent.plan(week, QUESTION)).letters} == {AWA, DJENEBA, FANTA}
    await sent.send(await sent.plan(not_yet, QUESTION), "Sata")
    await writes(work, DJENEBA, "PRESENT")
    await work.worker.once()
    asked = [
        number for number, text in work.heard() if "reunion" in text or "i bè na" in text or "i bɛ na" in text
    ]
    assert sorted(asked) == sorted([COUMBA, FANTA]), "who has checked in meanwhile needs no word"


async def test_quiet_hours_hold_it_back_unless_it_is_urgent(work: Work, sent: Broadcasts) -> None:
    night = dt.timedelta(hours=12).total_seconds()
    work.clock.passes(night)
    await sent.send(await sent.plan(ASC, {"fr": "Bonne nuit"}), "Sata")
    await work.worker.once()
    assert work.heard() == []
    await sent.send(await sent.plan(ASC, {"fr": "Alerte crue"}, urgent=True), "Sata")
    await work.worker.once()
    assert {text for _, text in work.heard()} == {"Alerte crue"}
    work.clock.passes(night)
    await work.worker.once()
    assert len(work.heard()) == 8


async def test_what_is_held_back_too_long_is_not_sent(work: Work, sent: Broadcasts) -> None:
    await sent.send(await sent.plan(ASC, {"fr": "Demain"}), "Sata")
    work.clock.passes(4 * DAY)
    await work.worker.once()
    assert work.heard() == []
    assert (await state(sent)).unsent == 4


async def test_a_refused_number_is_told(work: Work, sent: Broadcasts) -> None:
    work.standin.behave(AWA, Refuse(403))
    await sent.send(await sent.plan(ASC, {"fr": "Bonjour"}), "Sata")
    await work.worker.once()
    told = await state(sent)
    assert (told.sent, told.failed, told.segments) == (3, 1, 3)


async def test_a_list_names_whom_it_does_not_reach(sent: Broadcasts) -> None:
    stranger = "+22379999999"
    plan = await sent.plan(Audience(numbers=(AWA, STOPPED, stranger)), {"fr": "Bonjour"})
    assert [letter.to for letter in plan.letters] == [AWA]
    assert {one.msisdn: one.why for one in plan.excluded} == {
        STOPPED: "opted out",
        stranger: "not on the roster, or not meant",
    }


@pytest.mark.parametrize(
    ("whom", "texts", "choices", "problem"),
    [
        (ASC, {"fr": "Bonjour {prenom}"}, {}, "fr: {prenom} is not known here: {name} and {unit} are"),
        (ASC, {"fr": "a" * 460}, {}, f"4 segments for {AWA}: 3 at most"),
        (
            ASC,
            {"fr": "Quoi ?"},
            {"fr": ("Oui", "Stop")},
            "fr: 'Stop' would be taken for a command or a report",
        ),
        (Audience(), {"fr": "Bonjour"}, {}, "for whom? Say a role, a unit, a list, or who has not done what"),
    ],
)
async def test_what_cannot_be_sent_is_said(
    sent: Broadcasts, whom: Audience, texts: dict[str, str], choices: dict[str, tuple[str, ...]], problem: str
) -> None:
    with pytest.raises(AudienceError) as raised:
        await sent.plan(whom, texts, choices)
    assert raised.value.problems == (problem,)
