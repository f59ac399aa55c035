"""The files of flows, words and settings looked over: what `kunnafoni check`, `show` and `translations` do."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from msgspec import structs

from bot import channels, files, rules
from bot.config import ConfigError, Settings, load
from bot.flow.check import lint, missing_flows
from bot.flow.check_words import OF_RULES, keys_of
from bot.flow.definition import FlowError, Problem
from bot.flow.release import Release, Source, file_of
from bot.flow.said import BY_CODE
from bot.services.agenda import KEYS as REMINDERS
from bot.services.judging import Judge
from bot.text.catalog import coverage, parse, update

TOML = ".toml"


def problems(paths: tuple[Path, ...], config: Path | None, environ: Mapping[str, str]) -> list[Problem]:
    """All that is wrong in these files (a flow, a PO file, a folder, settings), or in all there are."""
    path = config or next((path for path in paths if path.suffix == TOML), files.config())
    try:
        settings = load(path, environ)
        source = _laid_over(files.source(files.root()), paths)
        made = Release(source)
    except (ConfigError, FlowError) as error:
        return sorted(error.problems)
    found = (
        lint(made, settings.products)
        + channel_problems(settings)
        + rule_problems(settings, made)
        + _unheard(source, settings, path)
        + _unsaid(made)
    )
    if not paths:
        found += missing_flows(made)
    if not paths or any(path.is_dir() for path in paths):
        return found
    named = {str(path) for path in paths}
    return [problem for problem in found if problem.file in named]


def channel_problems(settings: Settings) -> list[Problem]:
    """What is wrong in the sections that only a channel's own module can read."""
    found: list[Problem] = []
    for name, table in settings.channels.items():
        try:
            kind = channels.load([name])[name]
            kind.create(table.read(kind.Settings))
        except ConfigError as error:
            found += error.problems
        except (LookupError, ValueError) as error:
            found.append(table.origin.problem(table.where, str(error)))
    return found


def rule_problems(settings: Settings, made: Release) -> list[Problem]:
    """What is wrong in the sections of the rules, and the words that rules want and do not have."""
    found: list[Problem] = []
    try:
        Judge(settings)
    except ConfigError as error:
        found += error.problems
    keys = (f"alert.{name}.{which}" for name in rules.load() for which in ("told", "line", "many"))
    missing = (key for key in keys if not (message := made.words.get("fr", key)) or not message.text)
    return found + [Problem("locales/fr.po", 1, f"`{key}` has no words: a rule says them") for key in missing]


def _laid_over(source: Source, paths: tuple[Path, ...]) -> Source:
    """The files there are, with those named in place of those of the same name; a folder stands for all of them."""
    flows, words = dict(source.flows), dict(source.words)
    for path in paths:
        if path.suffix == TOML:
            continue
        if path.is_dir():
            given = sorted(path.rglob("*.yaml"))
            flows = {name: text for name, text in flows.items() if not given} | {
                str(file): files.read(file) for file in given
            }
            words |= {file.stem: files.read(file) for file in sorted(path.rglob("*.po"))}
        elif path.suffix == ".po":
            words[path.stem] = files.read(path)
        else:
            same = next((name for name in flows if Path(name).name == path.name), "")
            flows.pop(same, None)
            flows[str(path)] = files.read(path)
    return structs.replace(source, flows=flows, words=words)


def _unheard(source: Source, settings: Settings, path: Path) -> list[Problem]:
    missing = [code for code in settings.programme.languages if code not in source.words]
    return [Problem(str(path), 1, f"the language `{code}` has no locales/{code}.po") for code in missing]


def _unsaid(made: Release) -> list[Problem]:
    """Reminders without words: they would fail when they are sent."""
    missing = [key for key in REMINDERS if not (said := made.words.get("fr", key)) or not said.text]
    return [Problem(file_of("fr"), 1, f"`{key}` has no words, and is said by a reminder") for key in missing]


def release() -> Release:
    """What the files say, ready to run. Raises FlowError."""
    return Release(files.source(files.root()))


def bring_up_to_date(root: Path) -> Iterator[str]:
    """Rewrites each PO file by key; says how far each language has come."""
    source = files.source(root)
    made = Release(source)
    used = set(chain.from_iterable(keys_of(made, flow) for flow in made.flows.values()))
    keys = [key for key in made.catalogs["fr"].messages if key in used or not _of_a_flow(made, key)]
    keys += sorted(used - set(keys))
    french = parse("fr", source.words["fr"])
    for language, po in source.words.items():
        path = root / "locales" / f"{language}.po"
        text = update(french, language, po, keys)
        if text != po:
            path.write_text(text, "utf-8")
        told = coverage(french, parse(language, text))
        yield (
            f"{path}: {told.translated} of {told.total} said, {told.missing} missing, {told.fuzzy} fuzzy, "
            f"{told.needs_review} to be reviewed by a speaker"
        )


def _of_a_flow(made: Release, key: str) -> bool:
    """Whether a key belongs to a flow, and goes when the flow no longer says it."""
    name, _, rest = key.partition(".")
    step = rest.partition(".")[0]
    ours = key.startswith(BY_CODE) or OF_RULES.fullmatch(key) is not None
    return name in made.flows and not ours and step not in ("name", "topic", "none")


__all__ = ["FlowError", "bring_up_to_date", "problems", "release"]
