"""What a broadcast would cost and what became of it: its values, and the arithmetic of them. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from bot.services import wording
from bot.services.audience import AudienceError
from bot.store.broadcasts import Broadcast, Sent
from bot.text.fold import to_gsm

WAITING = ("queued", "sending")
UNSENT = ("refused", "expired", "capped", "needless", "cancelled")


class Letter(Struct, frozen=True):
    """The message to one contact."""

    to: str
    texts: dict[str, str]
    language: str
    """Hers, today; she gets it in the one she reads when it leaves."""
    path: str
    segments: int
    letters: bool = False
    """Her phone shows ɛ ɔ ɲ ŋ."""


class Share(Struct, frozen=True):
    """A part of the messages; cost in FCFA."""

    count: int = 0
    segments: int = 0
    cost: float = 0.0


class LeftOut(Struct, frozen=True):
    msisdn: str
    name: str
    why: str


class Plan(Struct, frozen=True):
    """What would be sent, to whom, and for how much; nothing is sent yet."""

    broadcast: Broadcast
    letters: tuple[Letter, ...]
    excluded: tuple[LeftOut, ...]
    by_language: dict[str, Share]
    by_unit: dict[str, Share]
    sample: dict[str, str]
    """The first message in each language, letter for letter as it is sent; those to phones that show ɛ as `bm+`."""

    spent: float = 0.0
    """FCFA, in this month, by all that was sent."""

    @property
    def count(self) -> int:
        return self.broadcast.count

    @property
    def segments(self) -> int:
        return self.broadcast.segments

    @property
    def cost(self) -> float:
        return self.broadcast.cost


class State(Struct, frozen=True):
    """A broadcast as other systems read it."""

    id: str
    at: str
    by: str
    audience: str
    text: str
    urgent: bool
    people: int
    waiting: int
    sent: int
    """Taken by the network; nothing more is known yet."""
    delivered: int
    failed: int
    unknown: int
    unsent: int
    """Refused, expired, or over the daily cap."""
    segments: int
    announced_cost: float
    answers: dict[str, int]
    """By choice, in French."""


def no_longer_than(letters: Iterable[Letter]) -> None:
    for letter in letters:
        if letter.segments > wording.MOST_SEGMENTS:
            long = f"{letter.segments} segments for {letter.to}: {wording.MOST_SEGMENTS} at most"
            raise AudienceError([long])


def share(letters: Sequence[Letter], price: float) -> Share:
    segments = sum(letter.segments for letter in letters)
    return Share(len(letters), segments, segments * price)


def shares(letters: Iterable[Letter], price: float, part: Callable[[Letter], str]) -> dict[str, Share]:
    parts: defaultdict[str, list[Letter]] = defaultdict(list)
    for letter in letters:
        parts[part(letter)].append(letter)
    return {name: share(some, price) for name, some in sorted(parts.items())}


def sample_of(letters: Sequence[Letter]) -> dict[str, str]:
    """The first in each language; and, under `bm+`, the first to a phone that shows letters, where that is another."""
    plain = {letter.language: _as_sent(letter) for letter in reversed(letters) if not letter.letters}
    spelled = {letter.language: _as_sent(letter) for letter in reversed(letters) if letter.letters}
    more = {f"{language}+": text for language, text in spelled.items() if to_gsm(text) != text}
    return dict(sorted((spelled | plain | more).items()))


def _as_sent(letter: Letter) -> str:
    text = wording.in_language(letter.texts, letter.language)
    return text if letter.letters else to_gsm(text)


def part_of(path: str, unit: str) -> str:
    """The place one below the unit that was asked for; below the country when none was."""
    codes, top = path.split("/"), unit.rpartition("/")[2]
    at = codes.index(top) if top in codes else 0
    return "/".join(codes[: at + 2])


def _sum(sent: Sent, states: Sequence[str]) -> int:
    return sum(sent.states.get(state, 0) for state in states)


def _answers(broadcast: Broadcast, sent: Sent) -> dict[str, int]:
    choices = broadcast.choices.get("fr", ())
    return {choice: sent.answers.get(number, 0) for number, choice in enumerate(choices, 1)}


def state_of(broadcast: Broadcast, sent: Sent, at: str) -> State:
    return State(
        id=broadcast.id,
        at=at,
        by=broadcast.by,
        audience=broadcast.audience,
        text=broadcast.texts["fr"],
        urgent=broadcast.urgent,
        people=broadcast.count,
        waiting=_sum(sent, WAITING),
        sent=_sum(sent, ("sent",)),
        delivered=_sum(sent, ("delivered",)),
        failed=_sum(sent, ("failed",)),
        unknown=_sum(sent, ("unknown",)),
        unsent=_sum(sent, UNSENT),
        segments=sent.segments,
        announced_cost=broadcast.cost,
        answers=_answers(broadcast, sent),
    )
