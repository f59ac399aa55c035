"""One message to many: counted and priced first, sent once, its answers counted."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from hashlib import blake2b

from msgspec import json, structs

from bot.people import Contact, Unit
from bot.services import audience, wording
from bot.services.audience import Audience, AudienceError
from bot.services.known import Programme
from bot.services.plans import (
    LeftOut,
    Letter,
    Plan,
    Share,
    State,
    no_longer_than,
    part_of,
    sample_of,
    share,
    shares,
    state_of,
)
from bot.services.spending import Spending
from bot.services.units import path_of
from bot.store.broadcasts import Broadcast, prefix_of
from bot.store.broadcasts import Broadcasts as Store
from bot.store.contacts import Contacts
from bot.store.outbox import Body, Outbox, message
from bot.store.releases import Releases
from bot.store.sessions import Message
from bot.store.trainings import Trainings

LASTS = 3 * 86_400_000
"""Milliseconds after which what was held back (quiet hours, cap, budget) is not sent any more: it is no news."""
BY_DAY = frozenset({"checkin", "stock"})
"""What the day's projection tells: a message about it can be found needless when it leaves."""


class Broadcasts:
    """Plans, sends and tells of broadcasts."""

    def __init__(
        self,
        store: Store,
        contacts: Contacts,
        outbox: Outbox,
        releases: Releases,
        programme: Programme,
        spending: Spending,
        trainings: Trainings,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._outbox = outbox
        self._releases = releases
        self._programme = programme
        self._spending = spending
        self._trainings = trainings
        self._clock = clock

    async def plan(
        self,
        whom: Audience,
        texts: Mapping[str, str],
        choices: Mapping[str, Sequence[str]] | None = None,
        *,
        urgent: bool = False,
    ) -> Plan:
        """Counts and prices it. Raises AudienceError with all that keeps it from being sent."""
        asked = {language: tuple(said) for language, said in (choices or {}).items()}
        units = await self._contacts.units()
        self._check(whom, texts, asked, units, list(await self._trainings.sessions()))
        picked, excluded = await self._picked(whom)
        letters = tuple(self._letter(contact, texts, asked, units) for contact in picked)
        no_longer_than(letters)
        price = self._programme.settings.sms.cost_per_segment
        made = self._broadcast(whom, texts, asked, share(letters, price), urgent=urgent)
        code = whom.unit.rpartition("/")[2]
        return Plan(
            broadcast=structs.replace(made, unit=path_of(code, units)) if code else made,
            letters=letters,
            excluded=tuple(excluded),
            by_language=shares(letters, price, lambda letter: letter.language),
            by_unit=shares(letters, price, lambda letter: part_of(letter.path, whom.unit)),
            sample=sample_of(letters),
            spent=await self._spent(),
        )

    def _broadcast(
        self,
        whom: Audience,
        texts: Mapping[str, str],
        choices: dict[str, tuple[str, ...]],
        total: Share,
        *,
        urgent: bool,
    ) -> Broadcast:
        """Its id is made of what it says, to whom and on which day, so that the same is not sent twice."""
        now = self._clock()
        day = f"{self._programme.local(now):%Y-%m-%d}"
        content = json.encode([sorted(texts.items()), sorted(choices.items()), whom, urgent, day])
        return Broadcast(
            id=blake2b(content, digest_size=5).hexdigest(),
            at=now,
            by="",
            audience=str(whom),
            texts=dict(texts),
            choices=choices,
            urgent=urgent,
            count=total.count,
            segments=total.segments,
            cost=total.cost,
            unless=self._unless(whom, now),
        )

    def _unless(self, whom: Audience, now: int) -> str:
        """Who does it before her message leaves needs none."""
        return f"{whom.who_has_not}:{self._programme.local(now):%Y%m%d}" if whom.who_has_not in BY_DAY else ""

    async def _spent(self) -> float:
        month = f"{self._programme.local(self._clock()):%Y%m}"
        return sum(one.cents for one in await self._spending.month(month)) / 100

    async def send(self, plan: Plan, by: str) -> str:
        """Keeps it and queues its messages; a second time queues only what is missing. Its id."""
        kept = await self._store.keep(structs.replace(plan.broadcast, by=by))
        await self._outbox.queue(self._messages(plan, kept))
        return kept.id

    async def state(self, id_: str) -> State | None:
        """What became of it; None when there is no such broadcast."""
        broadcast = await self._store.get(id_)
        return await self._state(broadcast) if broadcast else None

    async def kept(self) -> list[Broadcast]:
        """As they were sent, oldest first; what became of each is asked one by one."""
        return await self._store.all()

    async def find(self, id_: str) -> Broadcast | None:
        return await self._store.get(id_)

    async def states(self) -> AsyncIterator[State]:
        """All of them, oldest first."""
        for broadcast in await self._store.all():
            yield await self._state(broadcast)

    async def _state(self, broadcast: Broadcast) -> State:
        at = self._programme.local(broadcast.at).isoformat(timespec="seconds")
        return state_of(broadcast, await self._store.sent(broadcast), at)

    def _check(
        self,
        whom: Audience,
        texts: Mapping[str, str],
        choices: Mapping[str, Sequence[str]],
        units: Mapping[str, Unit],
        sessions: Sequence[str],
    ) -> None:
        release = self._releases.find(self._releases.current)
        products = list(self._programme.products)
        problems = [
            *audience.problems_of(whom, units, sessions),
            *wording.problems_of(texts, choices, release, products),
        ]
        if problems:
            raise AudienceError(problems)

    async def _picked(self, whom: Audience) -> tuple[list[Contact], list[LeftOut]]:
        """Those it is for who may be written to; and those who may not, with the reason."""
        meant = [contact async for contact in self._contacts.contacts() if whom.means(contact)]
        known = await self._store.known(
            [contact.msisdn for contact in meant], [whom.subject] if whom.subject else []
        )
        now, local = self._clock(), self._programme.local
        strangers = sorted(set(whom.numbers) - {contact.msisdn for contact in meant})
        meant = [contact for contact in meant if whom.waits_for(contact, known[contact.msisdn], local, now)]
        excluded = [
            LeftOut(contact.msisdn, contact.name, why) for contact in meant if (why := _why_not(contact))
        ]
        excluded += [LeftOut(number, "", "not on the roster, or not meant") for number in strangers]
        return sorted((one for one in meant if not _why_not(one)), key=lambda one: one.msisdn), excluded

    def _letter(
        self,
        contact: Contact,
        texts: Mapping[str, str],
        choices: Mapping[str, Sequence[str]],
        units: Mapping[str, Unit],
    ) -> Letter:
        unit = units[contact.org_unit].name if contact.org_unit in units else contact.org_unit
        said = wording.said_to(texts, choices, contact, unit)
        text = wording.in_language(said, contact.language)
        segments = wording.segments(text, letters=contact.letters)
        return Letter(contact.msisdn, said, contact.language, contact.path, segments, contact.letters)

    def _messages(self, plan: Plan, broadcast: Broadcast) -> Iterator[Message]:
        for letter in plan.letters:
            body = Body(
                to=letter.to,
                kind="broadcast",
                texts=letter.texts,
                asks=broadcast.id if broadcast.choices else "",
                choices=broadcast.choices,
                urgent=broadcast.urgent,
                unless=broadcast.unless,
                unit=letter.path,
                expires=broadcast.at + LASTS,
            )
            yield message(prefix_of(broadcast.id) + letter.to, body, broadcast.at)


def _why_not(contact: Contact) -> str:
    if contact.stopped:
        return "opted out"
    return "" if contact.active else "not active"
