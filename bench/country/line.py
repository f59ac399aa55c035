"""A phone on the gateway in this process: calls typed key by key, some of them cut and dialled again; and SMS."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import count

from bot.channels import Unavailable
from bot.house import House
from bot.messages import Inbound, Reply
from bot.text.fold import to_gsm

CHANNEL = "africastalking"
MENU = "Kunnafoni"
"""How the first screen begins; another is the offer to go on where the call was cut."""


class Line:
    """Everybody's phone."""

    def __init__(self, house: House) -> None:
        self._house = house
        words = house.releases.find(house.releases.current).words
        self._sorry = {to_gsm(words.say(language, "common.sorry")) for language in words.languages}
        self._names = count()
        self.requests = 0
        self.calls = 0
        self.odd: list[str] = []
        """Calls that did not end where they should, by their last screen."""
        self.away = 0
        """How often a phone was told that we are away, and its network asked again."""
        self.written: list[str] = []
        """The ids of the SMS that were sent to us."""

    async def writes(self, msisdn: str, text: str) -> None:
        name = f"sms-{next(self._names)}"
        self.written.append(name)
        while True:
            with suppress(Unavailable):
                await self._house.gateway.receive(Inbound(CHANNEL, "sms", name, msisdn, text))
                return
            self.away += 1

    async def calls_and_types(
        self, msisdn: str, typed: Sequence[str], cut: int = 0, *, through: bool = False
    ) -> bool:
        """A call that comes to its end; `cut`: it drops after so many inputs, and she dials again.

        `through`: she dials it all at once.
        """
        if cut:
            await self._call(msisdn, typed[:cut])
            await self._house.gateway.settle()
            shown = await self._dial(msisdn, name := self._name(), [])
            # What was too little to be offered again is typed anew.
            again = list(typed) if shown.text.startswith(MENU) else ["1", *typed[cut:]]
            reply = await self._go_on(msisdn, name, again)
        elif through:
            reply = await self._dial(msisdn, self._name(), typed)
        else:
            reply = await self._call(msisdn, typed)
        if not reply.ends:
            self.odd.append(f"{'*'.join(typed)}: {reply.text!r}")
        return reply.ends

    async def _call(self, msisdn: str, typed: Sequence[str]) -> Reply:
        name = self._name()
        await self._dial(msisdn, name, [])
        return await self._go_on(msisdn, name, typed)

    async def _go_on(self, msisdn: str, name: str, typed: Sequence[str]) -> Reply:
        for number in range(1, len(typed)):
            await self._dial(msisdn, name, typed[:number])
        return await self._dial(msisdn, name, typed)

    async def _dial(self, msisdn: str, name: str, typed: Sequence[str]) -> Reply:
        inbound = Inbound(CHANNEL, "ussd", name, msisdn, "*".join(typed), network="61002")
        while True:
            self.requests += 1
            reply = await self._house.gateway.dial(inbound)
            if reply.text not in self._sorry:
                return reply
            self.away += 1

    def _name(self) -> str:
        self.calls += 1
        return f"ATUid_{next(self._names)}"
