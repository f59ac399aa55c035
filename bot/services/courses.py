"""Sessions as a sheet: a row is taken, or refused with its reason."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from msgspec import structs

from bot.flow.definition import Problem
from bot.flow.release import Release
from bot.services import sheets
from bot.store.trainings import Session
from bot.text.fold import to_gsm
from bot.text.gsm import septets

COLUMNS = ("id", "topic", "place", "begins", "ends", "quiz", "state")
MOST = 30
"""Septets of a topic and of a place, so that what is sent of a training stays one SMS."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,40}")
_STATES = {"": "planned", "planned": "planned", "prevue": "planned", "prévue": "planned"}
_STATES |= {"cancelled": "cancelled", "annulee": "cancelled", "annulée": "cancelled"}


def read_sessions(
    content: str | bytes, held: Mapping[str, Session], release: Release, file: str = "trainings.csv"
) -> tuple[dict[str, Session], list[Problem]]:
    """Give the sessions by id, each on top of what is held of it: a column not there changes nothing."""
    sheet = sheets.read(content, file, COLUMNS, "id")
    problems = list(sheet.problems)
    lines: dict[str, int] = {}
    sessions: dict[str, Session] = {}
    for row in sheet.rows:
        name = row.cells["id"]
        try:
            session = _session(row.cells, held.get(name), release)
        except ValueError as reason:
            problems.append(Problem(file, row.line, str(reason)))
            continue
        if name in lines:
            problems.append(Problem(file, row.line, f"id: {name} is on line {lines[name]} already"))
        else:
            sessions[name], lines[name] = session, row.line
    return sessions, sorted(problems)


def _session(cells: Mapping[str, str], held: Session | None, release: Release) -> Session:
    """Raises ValueError with what is wrong."""
    said = {name: _meaning(name, cell, release) for name, cell in cells.items()}
    base = held or Session("", "", "", "")
    session = structs.replace(base, **said)
    if missing := [name for name in ("topic", "place", "begins") if not getattr(session, name)]:
        raise ValueError(f"{missing[0]}: empty")
    if session.ends and session.ends < session.begins[:10]:
        raise ValueError(f"ends: {session.ends} is before it begins")
    return session


def _meaning(name: str, cell: str, release: Release) -> str:
    match name:
        case "id" if not _ID.fullmatch(cell):
            raise ValueError("id: letters, digits and . _ - only, at most 40")
        case "topic" | "place":
            return _short(name, cell, release)
        case "begins":
            return _moment(cell)
        case "ends":
            return cell and _day(cell)
        case "quiz" if cell and f"quiz_{cell}" not in release.flows:
            raise ValueError(f"quiz: there is no flow quiz_{cell}")
        case "state":
            return _found(cell.casefold())
        case _:
            return cell


def _short(name: str, cell: str, release: Release) -> str:
    """Of what has words of its own the words must fit, and `translations` shows them."""
    if name == "topic" and release.words.get("fr", f"training.topic.{cell}") is not None:
        return cell
    plain = cell.lstrip("@ ")
    if septets(to_gsm(plain)) > MOST:
        raise ValueError(f"{name}: more than {MOST} letters, which an SMS has no room for")
    return plain


def _moment(cell: str) -> str:
    try:
        said = datetime.fromisoformat(cell)
    except ValueError:
        said = None
    if said is None or said.tzinfo is not None or len(cell) < 16:
        raise ValueError(f"begins: {cell or 'empty'} is no day and hour, such as 2026-11-30T08:00")
    return f"{said:%Y-%m-%dT%H:%M}"


def _day(cell: str) -> str:
    try:
        return f"{date.fromisoformat(cell)}"
    except ValueError as error:
        raise ValueError(f"ends: {cell} is no day, such as 2026-11-30") from error


def _found(state: str) -> str:
    if state not in _STATES:
        raise ValueError(f"state: {state} is not known: planned or cancelled")
    return _STATES[state]
