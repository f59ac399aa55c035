"""Contacts, units and releases in the store: what somebody chose herself outlives a roster; releases are numbered."""

import asyncio

import pytest
from msgspec.structs import replace

from bot.flow.release import Release, Source
from bot.people import Contact, Unit
from bot.store import contacts
from bot.store.accounts import Accounts
from bot.store.keys import TRIES, tries
from bot.store.releases import Releases
from tests.store.contract_store import AWA, BINTA, COUMBA, NOW, Store, step

pytestmark = pytest.mark.asyncio(loop_scope="session")

FALO = Unit("FALO", "CSCom de Falo", "BLA", "cscom", "d2")
HER = Contact(
    AWA,
    "Awa Traoré",
    "asc",
    "FALO",
    "bm",
    supervisor=BINTA,
    sex="f",
    products=("SRO", "CTE"),
    external_id="ASC-1",
    path="ML/BLA/FALO",
)
LEADER = Contact(BINTA, "Dr Binta Konaté", "dtc", "FALO", "fr", path="ML/BLA/FALO")


async def everybody(store: Store) -> dict[str, Contact]:
    return {contact.msisdn: contact async for contact in store.contacts.contacts()}


async def fields(store: Store, msisdn: str = AWA) -> dict[str, str]:
    return await store.hash(store.shard(msisdn).contact(msisdn))


async def test_nobody_is_known_before_anybody_is_put(store: Store) -> None:
    assert await store.contacts.get(AWA) is None
    assert await everybody(store) == {}
    assert await store.contacts.units() == {}
    await store.contacts.put_units([])
    assert await store.contacts.units() == {}


@pytest.mark.parametrize(
    "contact",
    [
        HER,
        Contact(AWA, "A", "central", "", "fr"),
        replace(HER, active=False, letters=True, stopped=True, consent="2026-11-21", training='{"id": "F"}'),
        replace(HER, products=(), supervisor="", sex=""),
    ],
)
async def test_a_contact_comes_back_as_it_was_put(store: Store, contact: Contact) -> None:
    await store.contacts.put([contact])
    assert await store.contacts.get(AWA) == contact
    assert await everybody(store) == {AWA: contact}


async def test_what_a_call_shows_is_put_beside_her(store: Store) -> None:
    await store.contacts.put_units([FALO])
    await store.contacts.put([HER, LEADER])
    shown = await fields(store)
    assert (shown["unit_name"], shown["supervisor_name"]) == ("CSCom de Falo", "Dr Binta Konaté")
    # The supervisor may have been put before, or be nobody; a unit that is not known is called by its code.
    await store.contacts.put([replace(HER, org_unit="NEW")])
    assert (await fields(store))["supervisor_name"] == "Dr Binta Konaté"
    assert (await fields(store))["unit_name"] == "NEW"
    await store.contacts.put([replace(HER, supervisor=COUMBA)])
    assert (await fields(store))["supervisor_name"] == ""


async def test_a_stop_before_during_and_after_a_roster_stands(store: Store) -> None:
    await store.contacts.change(AWA, stopped="1")
    assert await store.contacts.get(AWA) is None  # stopped, and on no roster
    await store.contacts.put([HER])
    assert await store.contacts.get(AWA) == replace(HER, stopped=True)
    await store.contacts.put([replace(HER, name="Awa Diarra", stopped=False)])
    assert await store.contacts.get(AWA) == replace(HER, name="Awa Diarra", stopped=True)
    await asyncio.gather(store.contacts.put([LEADER]), store.contacts.change(BINTA, stopped="1"))
    assert await store.contacts.get(BINTA) == replace(LEADER, stopped=True)


async def test_what_she_chose_stays_and_what_the_roster_says_changes(store: Store) -> None:
    await store.contacts.put([HER])
    await store.sessions.commit(step("chosen", changes={"language": "fr", "letters": "1", "consent": "yes"}))
    chosen = replace(HER, language="fr", letters=True, consent="yes")
    assert await store.contacts.get(AWA) == chosen
    await store.contacts.put([replace(HER, products=("ZIN",), active=False)])
    assert await store.contacts.get(AWA) == replace(chosen, language="bm", products=("ZIN",), active=False)


async def test_more_than_a_chunk_of_contacts(store: Store) -> None:
    most = contacts.CHUNK + 20
    people = [replace(HER, msisdn=f"+2237{number:07d}") for number in range(most)]
    await store.contacts.put(person for person in people)
    assert await everybody(store) == {person.msisdn: person for person in people}


async def test_units_come_by_code_and_change(store: Store) -> None:
    await store.contacts.put_units([FALO, Unit("BLA", "Bla")])
    assert list(await store.contacts.units()) == ["BLA", "FALO"]
    await store.contacts.put_units([replace(FALO, name="Falo")])
    assert await store.contacts.units() == {"BLA": Unit("BLA", "Bla"), "FALO": replace(FALO, name="Falo")}


@pytest.fixture(scope="module")
def ours(shipped: Source) -> Release:
    return Release(shipped)


@pytest.fixture(scope="module")
def changed(shipped: Source) -> Release:
    """The shipped files, with another wording in the stock flow."""
    words = {**shipped.words, "fr": shipped.words["fr"].replace("Stock enregistré", "Stock bien enregistré")}
    assert words != shipped.words
    return Release(replace(shipped, words=words))


async def test_there_is_no_release_before_one_is_published(store: Store) -> None:
    assert await store.releases.refresh() == store.releases.current == 0
    for number in (0, 7):
        with pytest.raises(KeyError):
            await store.releases.need(number)
        with pytest.raises(KeyError):
            store.releases.find(number)


async def test_a_release_is_numbered_and_its_flows_have_versions(
    store: Store, ours: Release, changed: Release
) -> None:
    assert await store.releases.publish(ours, NOW, "files") == 1
    assert await store.releases.publish(ours, NOW + 1, "files") == 1
    assert await store.releases.publish(changed, NOW + 2, "awa", "kinder") == 2
    published = await store.releases.published(2)
    assert (published.at, published.by, published.comment) == (NOW + 2, "awa", "kinder")
    assert published.source == changed.source
    assert published.versions == dict.fromkeys(ours.flows, 1) | {"stock": 2}
    # Back to the files of the first: another release, and another version of what is changed back.
    assert await store.releases.publish(ours, NOW + 3, "files") == 3
    assert (await store.releases.published(3)).versions["stock"] == 3
    assert (await store.releases.published(1)).source == ours.source


async def test_another_process_finds_every_release_and_the_current_one(
    store: Store, ours: Release, changed: Release
) -> None:
    for release in (ours, changed):
        await store.releases.publish(release, NOW, "files")
    other = Releases(store.functions)
    assert (await other.refresh(), other.current) == (2, 2)
    assert other.find(2).source == changed.source
    with pytest.raises(KeyError):
        other.find(1)
    before = await other.need(1)
    assert (before.source, before.number, before.versions["stock"]) == (ours.source, 1, 1)
    assert await other.need(1) is before is other.find(1)


async def test_a_flow_that_is_new_begins_at_version_1(store: Store, ours: Release, shipped: Source) -> None:
    fewer = {name: text for name, text in shipped.flows.items() if name != "flows/payment.yaml"}
    await store.releases.publish(Release(replace(shipped, flows=fewer)), NOW, "files")
    await store.releases.publish(ours, NOW, "files")
    assert "payment" not in (await store.releases.published(1)).versions
    assert (await store.releases.published(2)).versions == dict.fromkeys(ours.flows, 1)


async def test_of_several_publishers_at_once_each_gets_a_number(
    store: Store, ours: Release, changed: Release
) -> None:
    told = [ours, changed] * 4
    numbers = await asyncio.gather(
        *(Releases(store.functions).publish(release, NOW, "files") for release in told)
    )
    for number, release in zip(numbers, told, strict=True):
        assert (await store.releases.published(number)).source == release.source
    last = await store.releases.refresh()
    assert sorted(set(numbers)) == list(range(1, last + 1))


async def test_a_count_of_wrong_passwords_ends_whatever_became_of_its_end(store: Store) -> None:
    """Nobody is locked out for good by a count whose process died before it said when it ends."""
    accounts = Accounts(store.functions)
    await store.ask("SET", tries("awa"), 4)
    assert await accounts.tried("awa") == 5
    left = await store.ask("TTL", tries("awa"))
    assert 0 < left <= TRIES.total_seconds()
    await store.ask("EXPIRE", tries("awa"), 100)
    assert await accounts.tried("awa") == 6
    assert await store.ask("TTL", tries("awa")) <= 100, "a new try does not begin the time anew"
