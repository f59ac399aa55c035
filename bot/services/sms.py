"""One SMS read and answered: a report, a word, or the answer to the question that waits. Pure: the store acts after it.

Every SMS gets one reply, which says what was understood; the good parts of a report are kept whatever the rest is.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import json, structs

from bot.flow import engine
from bot.flow.effects import Change, Effect, Record
from bot.flow.run import Caller, Run
from bot.people import LEADERS
from bot.services import conversation, invited, polls
from bot.services.judging import EXCESS
from bot.services.known import Doubt, Programme
from bot.services.leading import NOTHING, Led, numbers_of
from bot.services.outcome import Outcome, taken_back
from bot.services.status import status, taken
from bot.store.sessions import Looked, Pin
from bot.store.standing import Standing
from bot.text.fold import bare, to_gsm
from bot.text.grammar import Command, Item, Verdict, heard, read_command, read_items, written

if TYPE_CHECKING:
    from bot.flow.release import Release

DOUBT = "doubt"
NAMES = {"bm": ("bambara", "bamana", "bamanakan"), "fr": ("french", "tubabukan")}
"""What else people call a language."""
NUMBERS = re.compile(r"\d+")
NOT_THE_EVENT = re.compile(r"\d+|\bcas\b|[,;:]", re.IGNORECASE)
"""What stands beside the event in `ALERTE 3 cas, cholera`."""
NAMED = 2
"""Items that were not understood, named in one reply."""


class Desk:
    """Answers the SMS of one contact, with all that is known of her."""

    def __init__(self, programme: Programme, find: conversation.Find, msisdn: str, looked: Looked) -> None:
        self.programme = programme
        self.find = find
        self.msisdn = msisdn
        self.looked = looked
        self.pin = looked.pin
        self.release: Release = find(looked.pin.release)
        self.caller: Caller = programme.caller(msisdn, looked.pin, self.release)
        self.letters = looked.pin.contact.get("letters") == "1"
        self.medium = programme.messages(letters=self.letters)

    def command(self, text: str) -> Command:
        return read_command(text, self.release.keywords)

    def wants_last(self, text: str) -> bool:
        """Whether what was said last must be known to answer this."""
        return self.command(text).name in ("correct", "cancel")

    def left_behind(self, outcome: Outcome) -> tuple[Effect, ...]:
        """What a new conversation leaves of the one that waited: kept as a partial report, not forgotten."""
        run = self._left() if outcome.fresh else None
        record = engine.partial(run) if run else None
        return (record,) if record else ()

    def answer(self, text: str, last: Sequence[Standing], led: Led = NOTHING) -> Outcome:
        command = self.command(text)
        if self.caller.role == "unknown" and command.name not in ("stop", "start", "language"):
            return self._waiting(text) or self._new(engine.begin(self.release, self.caller, self.medium))
        takers: dict[str, Callable[[Command], Outcome]] = {
            "stock": self._stock,
            "alert": self._alert,
            "correct": lambda found: self._correct(found, last),
            "cancel": lambda _: self._cancel(last),
            "help": lambda _: self._free_help(),
            "language": self._language,
            "stop": lambda _: self._say("sms.stopped", Change("stopped", "1")),
            "start": lambda _: self._say("sms.started", Change("stopped", "0")),
            "ok": lambda found: self._acknowledged(found, led),
            "status": lambda _: self._status(led),
            "empty": lambda _: self._say("sms.empty"),
        }
        taker = takers.get(command.name)
        if taker is None and self.release.started_by(command.name):
            taker = self._keyword
        return taker(command) if taker else self._free(text)

    def _free(self, text: str) -> Outcome:
        """No command: a report without its keyword, or the answer to the question asked last."""
        items = self._items(text)
        if any(item.verdict is Verdict.ACCEPTED for item in items):
            return self._stock(Command("stock", text))
        polled = polls.answered(self.pin.contact, self.pin.at, text, self.release)
        answered = self._waiting(text)
        if polled is not None and polled.goes_before(self.looked.draft, answered.run if answered else None):
            said = self._say(polled.key(), **polled.values(self.caller.language))
            return structs.replace(said, answer=polled)
        alone = len(items) == 1 and items[0].reason == "no_product"
        if answered is None and (coming := self._coming(text)):
            return self._new(coming)
        return answered or self._say("sms.waiting" if alone else "sms.noise", raw=heard(text))

    def _coming(self, text: str) -> Run | None:
        return invited.answered(self.release, self.caller, self.medium, self.pin.known, text)

    def _waiting(self, text: str) -> Outcome | None:
        """What this answers, of the conversation that was begun by SMS or in a call that was cut."""
        run, draft = self._left(), self.looked.draft
        if run is None or draft is None:
            return None
        run.by_sms = False
        after = engine.step(run, text)
        return structs.replace(self._go(after, draft.pin), given=after.given)

    def _left(self) -> Run | None:
        return conversation.waiting(self.programme, self.find, self.msisdn, self.looked.draft, self.medium)

    def _new(self, run: Run) -> Outcome:
        return structs.replace(self._go(run, self.pin), fresh=True)

    def _go(self, run: Run, pin: Pin) -> Outcome:
        return Outcome(engine.page(run), run.effects, None if engine.over(run) else run, pin)

    def _keyword(self, command: Command) -> Outcome:
        flow = self.release.started_by(command.name)
        if flow is None or not self.release.flows[flow].open_to(self.caller.role):
            return self._free_help()
        return self._new(engine.start_keyword(self.release, self.caller, self.medium, flow, command.name))

    def _free_help(self) -> Outcome:
        key = "sms.help_leader" if self.caller.role in LEADERS else "sms.help"
        return self._say(key, service_code=self.caller.facts["service_code"])

    def _stock(self, command: Command) -> Outcome:
        if not self.release.flows["stock"].open_to(self.caller.role):
            return self._free_help()
        items = self._items(command.rest)
        if not items:
            return self._say("sms.stock_example")
        sure = [item for item in items if item.verdict is Verdict.ACCEPTED and not self._surprising(item)]
        doubts = [doubt for item in items if (doubt := self._doubt(item)) is not None]
        parts = self._echo(sure) + self._complaints(
            [item for item in items if item.verdict is Verdict.REFUSED]
        )
        effects = self._rows(sure)
        if not doubts:
            return self._spoken(
                self._with_hint(parts, sure, complete=len(sure) == len(items)), effects, aside=True
            )
        asked = self._ask(doubts)
        run = asked.run
        return Outcome(self._fold(" ".join([*parts, asked.reply])), effects, run, asked.pin, fresh=True)

    def _items(self, text: str) -> tuple[Item, ...]:
        return read_items(text, self.programme.products, units=self.programme.units)

    def _ask(self, doubts: list[Doubt]) -> Outcome:
        """The open question about what was doubtful, on a pin that holds the doubts."""
        pin = structs.replace(self.pin, known={**self.pin.known, "doubts": json.encode(doubts).decode()})
        caller = self.programme.caller(self.msisdn, pin, self.release)
        return self._go(engine.begin(self.release, caller, self.medium, DOUBT), pin)

    def _surprising(self, item: Item) -> bool:
        product = self.programme.products.get(item.product)
        return bool(product and product.maximum and (item.quantity or 0) > EXCESS * product.maximum)

    def _doubt(self, item: Item) -> Doubt | None:
        if item.verdict is Verdict.ACCEPTED and self._surprising(item):
            return Doubt("high", item.product, item.quantity or 0, (item.product,))
        if item.verdict is Verdict.DOUBTFUL and item.quantity is not None:
            lone = item.reason == "no_quantity"
            why = "codes" if len(item.suggestions) > 1 else "number" if lone else "code"
            said = item.raw if lone else item.raw.rpartition(" ")[0] or item.raw
            return Doubt(why, heard(said), item.quantity, item.suggestions)
        return None

    def _rows(self, items: list[Item], *, corrects: bool = False) -> tuple[Effect, ...]:
        rows = tuple({"product": item.product, "quantity": item.quantity} for item in items)
        return (Record("stock", rows, "stock", corrects=corrects),) if rows else ()

    def _echo(self, items: list[Item]) -> list[str]:
        return [self._words("sms.stored", report=written(items))] if items else []

    def _complaints(self, items: list[Item]) -> list[str]:
        """What was not understood: the first by name, the others by number."""
        rest = len(items) - NAMED
        return [self._complaint(item) for item in items[:NAMED]] + ([f"(+{rest})"] if rest > 0 else [])

    def _complaint(self, item: Item) -> str:
        held = item.verdict is Verdict.ACCEPTED
        reason = item.reason or ("nothing_to_correct" if held else "unknown_product")
        return self._words(f"sms.{reason}", raw=heard(item.raw))

    def _with_hint(self, parts: list[str], items: list[Item], *, complete: bool) -> str:
        """How to put a mistake right, when all was understood and it costs no second segment."""
        text = " ".join(parts)
        if not complete or not items:
            return text
        correct = self._words("keyword.correct").partition(",")[0]
        hinted = f"{text} {self._words('sms.hint', correct=correct, example=written(items[-1:]))}"
        return hinted if len(self._fold(hinted)) <= 160 else text

    def _correct(self, command: Command, last: Sequence[Standing]) -> Outcome:
        items = self._items(command.rest)
        standing = {row.answers.get("product"): row for row in last if row.kind == "stock"}
        sure = [item for item in items if item.verdict is Verdict.ACCEPTED and item.product in standing]
        lost = [item for item in items if item not in sure]
        if not items:
            return self._say("sms.stock_example")
        parts = []
        if sure:
            before = ", ".join(str(standing[item.product].answers.get("quantity", "?")) for item in sure)
            parts.append(self._words("sms.corrected", report=written(sure), before=before))
        parts += self._complaints(lost)
        return self._spoken(" ".join(parts), self._rows(sure, corrects=True), aside=True)

    def _cancel(self, last: Sequence[Standing]) -> Outcome:
        """Takes back the last report, all its rows."""
        if not last:
            return self._say("sms.nothing_to_cancel")
        rows = [row for row in last if row.entry == last[-1].entry]
        report = ", ".join(self._standing(row) for row in rows)
        record = taken_back(rows)
        doubtful = self.looked.draft is not None and self.looked.draft.flow == DOUBT
        return self._spoken(self._words("sms.cancelled", report=report), (record,), aside=not doubtful)

    def _standing(self, row: Standing) -> str:
        if product := row.answers.get("product"):
            return f"{product} {row.answers.get('quantity', '')}".strip()
        return (
            self._words(f"{row.kind}.menu") if self.release.words.get("fr", f"{row.kind}.menu") else row.kind
        )

    def _alert(self, command: Command) -> Outcome:
        """`ALERTE cholera 3`: kept and passed on at once; whatever else she writes is passed on as she wrote it."""
        if not self.release.flows["alert"].open_to(self.caller.role):
            return self._free_help()
        said = " ".join(command.rest.split())
        run = engine.begin(self.release, self.caller, self.medium, "alert")
        if not said:
            return self._new(run)
        numbers = NUMBERS.findall(said)
        named = self._named(run, " ".join(NOT_THE_EVENT.sub(" ", said).split()))
        if named is not None and len(numbers) == 1 and numbers[0].strip("0"):
            counted = engine.step(named, numbers[0])
            if not counted.wrong:
                return self._new(counted)
        return self._told("other" if named is None else str(named.answer), said)

    def _named(self, run: Run, what: str) -> Run | None:
        """The run after the event was named, in whatever language it was."""
        for language in (self.caller.language, *self.release.words.languages):
            heard = run.copy()
            heard.language = language
            named = engine.step(heard, what)
            if not named.wrong:
                named.language = self.caller.language
                return named
        return None

    def _told(self, event: str, said: str) -> Outcome:
        text = re.sub(r"(?:\d[\s.-]?){8,}", "*** ", said)[:120].strip()
        effect = Record("alert", ({"event": event, "text": text},), "alert")
        key = "sms.alert_noted" if self.caller.facts["supervised"] == "yes" else "sms.alert_kept"
        return self._spoken(self._words(key, text=heard(text)), (effect,), aside=True)

    def _acknowledged(self, command: Command, led: Led) -> Outcome:
        """`OK 4712 4713`, which was done before this is said."""
        numbers = numbers_of(command)
        return (
            self._spoken(taken(self._words, numbers, led), (), aside=True) if numbers else self._free_help()
        )

    def _status(self, led: Led) -> Outcome:
        """A leader's team today, in one segment: those who are missing as far as there is room."""
        if (hand := led.hand) is None:
            return self._free_help()
        return self._spoken(status(self._words, hand), (), aside=True)

    def _language(self, command: Command) -> Outcome:
        wanted = bare(command.rest)
        for code in self.release.words.languages:
            names = {code, bare(self.release.words.say(code, "language.name")), *NAMES.get(code, ())}
            if wanted in names:
                reply = self.release.words.say(code, "language.changed")
                return Outcome(self._fold(reply), (Change("language", code),), aside=True)
        return self._say("sms.language_which")

    def _say(self, key: str, *effects: Effect, **values: Any) -> Outcome:
        return self._spoken(self._words(key, **values), effects, aside=True)

    def _spoken(self, text: str, effects: tuple[Effect, ...], *, aside: bool) -> Outcome:
        return Outcome(self._fold(text), effects, None, self.pin, aside)

    def _words(self, key: str, **values: Any) -> str:
        return self.release.words.say(self.caller.language, key, values)

    def _fold(self, text: str) -> str:
        return text if self.letters else to_gsm(text)
