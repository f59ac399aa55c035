"""Everything that is said and asked at one time, compiled: the flows and their words, immutable and numbered."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

from msgspec import Struct, json

from bot.flow.definition import Ask, Each, Flow, FlowError, Keyword, Problem, acts_of
from bot.flow.links import link
from bot.flow.machine import Compiled, compile_flow
from bot.flow.questions import Question, load
from bot.flow.reading import parse
from bot.flow.run import Medium, Screen
from bot.text.catalog import Catalog, CatalogError, Words
from bot.text.catalog import parse as parse_words
from bot.text.fold import to_gsm
from bot.text.screens import HOME, MORE, Budget, compile_screen

MOST_SCREENS_KEPT = 4096
FILES_KEPT = 64
"""Files that were read: a draft differs from the last one in one or two, and reading is most of the work."""
KEYWORD = "keyword."
FRENCH = "fr"
NOT_FIRST = {"keyword.today", "keyword.yesterday"}
"""Words that are answers, and begin no message."""


class Source(Struct, frozen=True):
    """The files a release is made of, as written: flow files by name, PO files by language."""

    flows: dict[str, str]
    words: dict[str, str]

    def digest(self) -> str:
        return _digest(self)


def _digest(thing: object) -> str:
    return blake2b(json.encode(thing, order="deterministic"), digest_size=12).hexdigest()


class Place(Struct, frozen=True):
    """A question where it is asked: its step, and the key of its words."""

    ask: Ask
    question: Question
    words: str


class Release:
    """One release, ready to run. Raises FlowError naming every problem that would keep it from running."""

    def __init__(self, source: Source, number: int = 0, versions: Mapping[str, int] | None = None) -> None:
        kinds = load()
        self.number = number
        self.source = source
        self.catalogs = _catalogs(source.words)
        self.words = Words(self.catalogs)
        self.flows = link(_read(source.flows))
        self.versions = dict(versions or {})
        self.machines: dict[str, Compiled] = {name: compile_flow(flow) for name, flow in self.flows.items()}
        self.places: dict[tuple[str, str], Place] = {
            (flow.name, ask.name): _place(flow, ask, kinds[ask.question])
            for flow in self.flows.values()
            for ask in flow.asks()
        }
        """Where an answer is awaited, by flow and step."""
        self.keywords = self._keyword_forms()
        self._kinds = {name: _first_kept(flow) for name, flow in self.flows.items()}
        self._options = self._option_keys()
        self._lists = {
            (flow, place.ask.saved_as): among
            for (flow, _), place in self.places.items()
            if isinstance(among := place.ask.settings.get("among"), str)
        }
        self.pages: Callable[[Screen, Medium], tuple[str, ...]] = lru_cache(MOST_SCREENS_KEPT)(_pages)
        """A screen cut for its medium; the same is cut once."""
        self.longest: dict[tuple[str, str], Mapping[str, str]] = {}
        """The longest that each placeholder may become, by flow and language, once it was asked for."""
        self._menus: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._footers: dict[tuple[str, tuple[str, ...]], tuple[tuple[str, str], ...]] = {}

    def digests(self) -> dict[str, str]:
        """Each flow's digest: of its file and of its own words, which together are what it asks."""
        return {
            name: _digest(
                [
                    self.source.flows[flow.file],
                    [_said(catalog, name) for _, catalog in sorted(self.catalogs.items())],
                ]
            )
            for name, flow in self.flows.items()
        }

    def menu(self, role: str, language: str) -> list[tuple[str, str]]:
        """The flows that role may begin, in menu order, each with its name."""
        asked = (role, language)
        if asked not in self._menus:
            listed = sorted(
                (flow.menu, flow.name) for flow in self.flows.values() if flow.menu and flow.open_to(role)
            )
            self._menus[asked] = [(name, self.words.say(language, f"{name}.menu")) for _, name in listed]
        return self._menus[asked]

    def keeps(self, flow: str) -> str:
        """The first kind of report that flow keeps; empty when it keeps none."""
        return self._kinds[flow]

    def saved_as(self, flow: str, loop: str) -> str:
        step = self.flows[flow].steps[loop]
        return step.saved_as if isinstance(step, Each) else ""

    def option_key(self, flow: str, name: str, value: object) -> str:
        """The words of an option that was chosen; empty when the value speaks for itself."""
        return self._options.get((flow, name, str(value)), "")

    def list_key(self, flow: str, name: str) -> str:
        """The list that an answer was chosen from; empty when it was none."""
        return self._lists.get((flow, name), "")

    def labels(self, key: str) -> dict[str, str]:
        return {language: self.words.say(language, key) for language in self.words.languages}

    def started_by(self, keyword: str) -> str | None:
        """The flow that an SMS keyword starts."""
        return next(
            (flow.name for flow in self.flows.values() for own in flow.sms if own.name == keyword), None
        )

    def keyword(self, flow: str, name: str) -> Keyword:
        return next(keyword for keyword in self.flows[flow].sms if keyword.name == name)

    def footer(self, language: str, keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """The keys a screen reserves, with what they are called."""
        asked = (language, keys)
        if asked not in self._footers:
            names = {HOME: "common.home", MORE: "common.more"}
            self._footers[asked] = tuple(
                (key, self.words.say(language, names.get(key, "common.back"))) for key in keys
            )
        return self._footers[asked]

    def more(self, language: str) -> str:
        return self.footer(language, (MORE,))[0][1]

    def _keyword_forms(self) -> dict[str, str]:
        """Each word that may begin an SMS, in any language, folded → the keyword it stands for."""
        names = [
            key for key in self.catalogs[FRENCH].messages if key.startswith(KEYWORD) and key not in NOT_FIRST
        ]
        return {form: key.removeprefix(KEYWORD) for key in names for form in self.words.variants(key)}

    def _option_keys(self) -> dict[tuple[str, str, str], str]:
        found = {}
        for flow in self.flows.values():
            for ask in flow.asks():
                for key, option in self.places[flow.name, ask.name].question.option_keys().items():
                    found[flow.name, ask.saved_as, option] = key
        return found


def _first_kept(flow: Flow) -> str:
    acts = chain.from_iterable(map(acts_of, flow.steps.values()))
    return next((act.what for act in acts if act.verb == "record"), "")


def _place(flow: Flow, ask: Ask, kind: type[Question]) -> Place:
    words = f"{flow.name}.{ask.name}"
    return Place(ask, kind(ask.settings, words), words)


def _pages(screen: Screen, medium: Medium) -> tuple[str, ...]:
    """In letters every phone shows, or in hers where that takes no page more."""
    plain = _cut(_folded(screen), medium.budget)
    if medium.letters is None:
        return plain
    own = _cut(screen, medium.letters)
    return own if len(own) <= len(plain) else plain


def _cut(screen: Screen, budget: Budget) -> tuple[str, ...]:
    return compile_screen(screen.body, screen.options, screen.footer, screen.more, budget)


def _folded(screen: Screen) -> Screen:
    return Screen(
        to_gsm(screen.body),
        tuple((key, to_gsm(label)) for key, label in screen.options),
        tuple((key, to_gsm(label)) for key, label in screen.footer),
        to_gsm(screen.more),
        screen.final,
    )


def file_of(language: str) -> str:
    """Where that language's words are, as problems name it."""
    return f"locales/{language}.po"


def _catalogs(words: Mapping[str, str]) -> dict[str, Catalog]:
    problems: list[Problem] = []
    catalogs = {}
    for language, po in sorted(words.items()):
        try:
            catalogs[language] = _catalog(language, po)
        except CatalogError as error:
            problems.append(Problem(file_of(language), error.line, error.message))
    if FRENCH not in words:
        problems.append(
            Problem(file_of(FRENCH), 1, "the French words are missing: every flow is written in them")
        )
    if problems:
        raise FlowError(problems)
    return catalogs


def _said(catalog: Catalog, flow: str) -> list[tuple[str, str, bool]]:
    prefix = f"{flow}."
    return [(m.key, m.text, m.fuzzy) for m in catalog.messages.values() if m.key.startswith(prefix)]


@lru_cache(FILES_KEPT)
def _flow(file: str, text: str) -> Flow:
    return parse(file, text, load())


@lru_cache(FILES_KEPT)
def _catalog(language: str, po: str) -> Catalog:
    return parse_words(language, po)


def _read(files: Mapping[str, str]) -> dict[str, Flow]:
    problems: list[Problem] = []
    flows: dict[str, Flow] = {}
    for file, text in sorted(files.items()):
        try:
            flow = _flow(file, text)
        except FlowError as error:
            problems += error.problems
            continue
        if flow.name in flows:
            problems.append(Problem(file, 1, f"the flow `{flow.name}` is already in {flows[flow.name].file}"))
        flows[flow.name] = flow
    if problems:
        raise FlowError(problems)
    return flows
