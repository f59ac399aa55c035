"""What a flow may know of a caller, made from what was pinned when she began and from nothing else."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import chain
from zoneinfo import ZoneInfo

from msgspec import Struct, json

from bot.config import Product, Settings
from bot.flow.definition import Value
from bot.flow.release import Release
from bot.flow.run import Caller, Item, Medium
from bot.services import at_hand
from bot.services.invitations import coming, invitations, latest
from bot.services.judging import EXCESS, Judge
from bot.store.sessions import Pin
from bot.text.fold import bare
from bot.text.screens import Budget

USSD_UCS2 = 80
"""Characters of a USSD screen in UCS-2: 160 octets."""
PREFIX = 4
"""`CON ` and `END `: some networks may count them."""
TOPIC = "training.topic."
NO_TRAINING: Mapping[str, Value] = {
    "training": "none",
    "training_topic": "",
    "training_place": "",
    "training_date": "",
    "quiz": "none",
}
SMS_SEGMENTS = Budget(limit=3 * 153)
SMS_SEGMENTS_UCS2 = Budget(limit=3 * 67, ucs2=True)


class Doubt(Struct, frozen=True):
    """An item of an SMS that is asked about before it is kept."""

    why: str
    """`code`: one product may be meant; `codes`: several; `number`: a letter may be a digit; `high`: it surprises."""
    heard: str
    amount: int
    candidates: tuple[str, ...]


class Programme:
    """What the settings say about callers and days."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.judge = Judge(settings)
        self.products: Mapping[str, Product] = settings.products
        self._most = {code: EXCESS * product.maximum for code, product in settings.products.items()}
        self.units = frozenset(chain.from_iterable(map(_units_of, settings.products.values())))
        """What is counted, as an SMS may say it behind a number: `sachet`, `sachets`."""
        self._languages = lru_cache(8)(partial(_languages, settings.programme.languages))
        self._dates = lru_cache(8)(_dates)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.programme.timezone)

    def local(self, at: int) -> dt.datetime:
        """A time (Unix ms) on the programme's clock."""
        return dt.datetime.fromtimestamp(at / 1000, self.zone)

    def screens(self, network: str, *, letters: bool) -> Medium:
        """What a USSD screen holds on that network."""
        limit = self.settings.ussd.budget_on(network)
        own = Budget(limit=min(USSD_UCS2, limit) - PREFIX, ucs2=True) if letters else None
        return Medium(Budget(limit=limit - PREFIX), own)

    def messages(self, *, letters: bool) -> Medium:
        """What one SMS reply may hold: three segments."""
        return Medium(SMS_SEGMENTS, SMS_SEGMENTS_UCS2 if letters else None, paged=False)

    def caller(self, msisdn: str, pin: Pin, release: Release) -> Caller:
        """The caller as she was when the pin was set."""
        contact = pin.contact
        language = contact.get("language") or self.settings.programme.default_language
        hand = at_hand.read(pin.known)
        active = contact.get("active") == "1"
        return Caller(
            msisdn=msisdn,
            role=contact.get("role", "unknown") if active else "unknown",
            language=language if language in release.words.languages else "fr",
            facts={**self._facts(pin, language, release), **(at_hand.facts(hand) if hand else {})},
            lists={
                "products": tuple(
                    self._held(code, pin.known, language) for code in contact.get("products", "").split()
                ),
                "languages": self._languages(release),
                "doubts": tuple(self._doubt(doubt, pin, language, release) for doubt in doubts_of(pin)),
                **(at_hand.lists(hand, release, language) if hand else {}),
            },
        )

    def _facts(self, pin: Pin, language: str, release: Release) -> dict[str, Value]:
        contact, known, today = pin.contact, pin.known, self.local(pin.at)
        checked = self.day_of(known.get("checkin"))
        return {
            "name": contact.get("name", ""),
            "unit": contact.get("unit_name", ""),
            "supervisor": contact.get("supervisor", ""),
            "supervisor_name": contact.get("supervisor_name", ""),
            "supervised": _yes(contact.get("supervisor", "") != ""),
            "consent": contact.get("consent", ""),
            "pin": contact.get("pin", ""),
            **self._dates(today.date()),
            "checkin_today": _yes(checked is not None and checked.date() == today.date()),
            "checkin_status": said_of(known.get("checkin")).partition(":")[0],
            "checkin_time": f"{checked:%H:%M}" if checked else "",
            "stock_today": _yes(
                (said := self.day_of(known.get("stock"))) is not None and said.date() == today.date()
            ),
            "registered": _yes("registration" in known),
            "admission": _admission(contact.get("refused", ""), known.get("registration", "")),
            **_trainings(contact.get("training", ""), today.date(), language, release),
            "service_code": self.settings.programme.service_code,
        }

    def day_of(self, known: str | None) -> dt.datetime | None:
        """When something known was said: `12@1763760000000`."""
        return self.local(int(known.rpartition("@")[2])) if known else None

    def _held(self, code: str, known: Mapping[str, str], language: str) -> Item:
        """A product of her box: its name, its unit, what she had last, and how much would surprise."""
        product = self.products.get(code)
        facts: dict[str, Value] = {}
        if (last := quantity_of(known.get(f"stock:{code}"))) is not None:
            facts["last"] = last
        if product is None:
            return Item(code, {}, facts)
        if most := self._most[code]:
            facts["most"] = most
        facts["unit_name"] = product.unit.get(language) or product.unit.get("fr", "")
        return Item(code, product.names, facts)

    def _doubt(self, doubt: Doubt, pin: Pin, language: str, release: Release) -> Item:
        code = doubt.candidates[0]
        held = self._held(code, pin.known, language)
        facts: dict[str, Value] = {"why": doubt.why, "heard": doubt.heard, "amount": doubt.amount}
        none = Item("none", release.labels("doubt.none"))
        candidates = tuple(self._held(candidate, pin.known, language) for candidate in doubt.candidates)
        return Item(code, held.labels, {**held.facts, **facts}, {"candidates": (*candidates, none)})


def _units_of(product: Product) -> Iterator[str]:
    for unit in product.unit.values():
        word = bare(unit).partition(" ")[0]
        yield from (word, f"{word}s")


def topic_key(topic: str, release: Release) -> str:
    """`@` and the key of a topic's words, `@training.topic.malaria`; a topic without words as it is."""
    key = topic if topic.startswith(TOPIC) else f"{TOPIC}{topic}"
    return f"@{key}" if release.words.get("fr", key) is not None else topic


def topic_of(topic: str, language: str, release: Release) -> str:
    said = topic_key(topic, release)
    return release.words.say(language, said[1:]) if said.startswith("@") else said


def _trainings(held: str, today: dt.date, language: str, release: Release) -> dict[str, Value]:
    """The session she is asked about, and the one whose quiz is hers."""
    if not held:
        return dict(NO_TRAINING)
    found = invitations(held)
    training, quiz = coming(found, today), latest(found, today)
    asked: dict[str, Value] = dict(NO_TRAINING)
    if quiz:
        asked |= {"quiz": quiz.quiz or quiz.topic.removeprefix(TOPIC), "quiz_training": quiz.id}
    if training:
        asked |= {
            "training": training.id,
            "training_topic": topic_of(training.topic, language, release),
            "training_place": training.place,
            "training_date": f"{dt.datetime.fromisoformat(training.date):%d/%m %H:%M}",
        }
    return asked


def doubts_of(pin: Pin) -> tuple[Doubt, ...]:
    return json.decode(pin.known["doubts"], type=tuple[Doubt, ...]) if "doubts" in pin.known else ()


def said_of(known: str | None) -> str:
    """What was said, without when: `12~20`, `absent:insecurity`, `no 10/2026`."""
    return known.rpartition("@")[0] if known else ""


def quantity_of(known: str | None) -> int | None:
    """The number of something known; None when it has none."""
    number = said_of(known).partition("~")[0]
    return int(number) if number.isdigit() else None


def use_of(known: str | None) -> int | None:
    """What is used of a product in a month; None while too little is known of it."""
    use = said_of(known).partition("~")[2]
    return int(use) if use.isdigit() else None


def _languages(codes: Sequence[str], release: Release) -> tuple[Item, ...]:
    """Each language by its own name, whatever language one reads."""
    named = {code: release.words.say(code, "language.name") for code in codes}
    return tuple(Item(code, dict.fromkeys(release.words.languages, own)) for code, own in named.items())


def _dates(today: dt.date) -> Mapping[str, str]:
    return {"today": today.isoformat(), "pay_month": f"{today.replace(day=1) - dt.timedelta(days=1):%m/%Y}"}


def _admission(refused: str, asked: str) -> str:
    """What became of what a newcomer asked: a refusal (Unix ms) is of what she had asked by then."""
    said = asked.rpartition("@")[2]
    return "refused" if refused and said and int(refused) >= int(said) else "waiting"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
