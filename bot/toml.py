"""A TOML file, the environment laid over it, read into structs: what does not fit is said with its line."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from msgspec import Struct, ValidationError, convert
from msgspec.structs import fields

from bot.flow.definition import Problem

Kind = TypeVar("Kind", bound=Struct)
Where = tuple[str, ...]
"""A setting's place: `("server", "port")`."""

PREFIX = "KUNNAFONI_"
# Whatever bears such a name comes from the environment only: files are copied, mailed and committed.
_SECRET = re.compile(r"(?:.*_)?(?:api_key|passphrase|password|secret|token)")
_PASSWORD_IN_URL = re.compile(r"://[^/@\s]*:[^/@\s]+@")


class ConfigError(Exception):
    """The operator's fault: every problem found, each with its line or its variable."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Said(str):
    """What a variable of the environment says: text, whatever the type of the setting."""

    __slots__ = ()


class Origin(Struct, frozen=True):
    """Where settings were said: the file and its lines, and the document with the environment on top."""

    file: str
    document: dict[str, Any]
    lines: dict[Where, int]

    def problem(self, where: Where, message: str) -> Problem:
        place = self.said(where)
        if isinstance(self.at(place), Said):
            return Problem(PREFIX + "__".join(place).upper(), 0, message)
        return Problem(self.file, self.lines.get(place, 1), f"{'.'.join(where)}: {message}")

    def said(self, where: Where) -> Where:
        """Find the nearest place somebody wrote: the section of what is missing, a section's variable."""
        while self.at(where) is None:
            where = where[:-1]
        while where not in self.lines and isinstance(value := self.at(where), dict) and value:
            where = (*where, next(iter(value)))
        return where

    def at(self, where: Where) -> Any:
        value: Any = self.document
        for part in where:
            value = value.get(part) if isinstance(value, dict) else None
        return value


class Table(dict[str, Any]):
    """A section whose settings only its own module knows: a channel's, an alert's."""

    def __init__(self, values: Mapping[str, Any], where: Where, origin: Origin) -> None:
        super().__init__(values)
        self.where = where
        self.origin = origin

    def read(self, kind: type[Kind]) -> Kind:
        """Type it. Raises ConfigError."""
        reading = Reading(self.origin)
        return reading.finish(reading.struct(kind, dict(self), self.where))


class Reading:
    """One pass over the tables, and what did not fit."""

    def __init__(self, origin: Origin, problems: list[Problem] | None = None) -> None:
        self.origin = origin
        self.problems = problems or []

    def finish(self, made: Kind | None) -> Kind:
        if made is None or self.problems:
            raise ConfigError(sorted(self.problems))
        return made

    def wrong(self, where: Where, message: str) -> None:
        self.problems.append(self.origin.problem(where, message))

    def struct(self, kind: type[Kind], value: Any, where: Where) -> Kind | None:
        before = len(self.problems)
        value = self.section(value, where)
        known = {one.name: one for one in fields(kind)}
        for name in value.keys() - known.keys():
            close = get_close_matches(name, known, n=1)
            self.wrong((*where, name), "no such setting" + (f", {close[0]} is meant?" if close else ""))
        given = {
            name: self.read(known[name].type, value[name], (*where, name)) for name in known if name in value
        }
        if missing := [one.name for one in known.values() if one.required and one.name not in value]:
            self.wrong(where, f"{' and '.join(missing)} must be said")
        if len(self.problems) > before:
            return None
        try:
            return kind(**given)
        except ValueError as error:
            self.wrong(where, str(error))
            return None

    def read(self, kind: Any, value: Any, where: Where) -> Any:
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self.struct(kind, value, where)
        if get_origin(kind) is not dict and kind is not Table:
            return self.setting(kind, value, where)
        value = self.section(value, where)
        if kind is Table:
            return Table(value, where, self.origin)
        named, told = get_args(kind)
        return {
            self.setting(named, name, (*where, name)): self.read(told, one, (*where, name))
            for name, one in value.items()
        }

    def section(self, value: Any, where: Where) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.wrong(where, "expected a section")
        return {}

    def setting(self, kind: Any, value: Any, where: Where) -> Any:
        said = isinstance(value, Said)
        plain = value.split(",") if said and get_origin(kind) is tuple else str(value) if said else value
        try:
            return convert(plain, kind, strict=not said)
        except ValidationError as error:
            self.wrong(where, _expected(kind, str(error)))
            return None


def _expected(kind: Any, error: str) -> str:
    """Say it without the library's signs; a pattern is said by its description."""
    metas = (meta for part in (kind, *get_args(kind)) for meta in getattr(part, "__metadata__", ()))
    described = [meta.description for meta in metas if meta.description]
    text = error.partition(" - at ")[0].replace("`", "")
    if " matching regex " in text and described:
        return f"expected {described[0]}"
    return text[0].lower() + text[1:]


def open_file(path: Path | None, environ: Mapping[str, str]) -> Reading:
    """Read the file (None: there is none) and lay the environment over it. Raises ConfigError."""
    text = _text(path) if path else ""
    document = _parsed(text, str(path))
    origin = Origin(str(path or ""), document, _lines(text))
    problems = list(_secrets(origin))
    problems += _overlaid(document, environ)
    return Reading(origin, problems)


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError([Problem(str(path), line, "not UTF-8")]) from error


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"\(at line (\d+)", str(error))
        number = int(told[1]) if told else _unfinished(text)  # "at end of document"
        message = str(error).rsplit(" (at ", maxsplit=1)[0]
        raise ConfigError([Problem(file, number, message[0].lower() + message[1:])]) from error


def _lines(text: str) -> dict[Where, int]:
    """Find the line of each section and setting."""
    lines: dict[Where, int] = {}
    section: Where = ()
    for line, statement, told in _statements(text):
        heads = statement.lstrip().startswith("[")
        places = [(*(() if heads else section), *place) for place in _places(told)]
        for place in places:
            lines.setdefault(place, line)
        if heads:
            section = places[-1]
    return lines


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Cut a document into statements: each the fewest lines that TOML reads by themselves."""
    statement, start = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        statement += line + "\n"
        try:
            told = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # within a value of several lines
        yield start, statement, told
        statement, start = "", number + 1


def _unfinished(text: str) -> int:
    """Find where the statement begins that runs to the end of the document."""
    begun = 1
    for line, statement, _ in _statements(text):
        begun = line + statement.count("\n")
    return min(begun, text.count("\n") + 1)


def _places(told: Mapping[str, Any]) -> Iterator[Where]:
    for name, value in told.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *place) for place in _places(value))


def _secrets(origin: Origin) -> Iterator[Problem]:
    for where in origin.lines:
        variable = PREFIX + "__".join(where).upper()
        if _SECRET.fullmatch(where[-1]):
            yield origin.problem(where, f"a secret is never kept in a file: set {variable} instead")
        elif isinstance(value := origin.at(where), str) and _PASSWORD_IN_URL.search(value):
            yield origin.problem(where, f"a password is never kept in a file: set {variable} instead")


def _overlaid(document: dict[str, Any], environ: Mapping[str, str]) -> Iterator[Problem]:
    """Lay every `KUNNAFONI_SECTION__KEY` over the document."""
    for variable in sorted(environ):
        *sections, name = variable.removeprefix(PREFIX).split("__")
        if not (sections and variable.startswith(PREFIX)):
            continue
        table: Any = document
        for section in sections:
            table = table.setdefault(_named(table, section), {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            table[_named(table, name)] = Said(environ[variable])
        else:
            yield Problem(variable, 0, "no such setting")


def _named(table: Mapping[str, Any], part: str) -> str:
    """Name the setting a variable means: as the file writes it in any case (`SRO`), else in small letters."""
    return next((name for name in table if name.casefold() == part.casefold()), part.lower())
