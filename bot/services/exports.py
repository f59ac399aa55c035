"""Rows as other systems read them: JSON Lines, or CSV whose cells no spreadsheet takes for formulas."""

import csv
from collections.abc import AsyncIterator
from typing import Any, TextIO

from msgspec import Struct, json, structs

from bot.services.sheets import still

FORMATS = ("csv", "jsonl")


async def write(rows: AsyncIterator[Any], kind: type[Struct], form: str, out: TextIO) -> int:
    """Writes the rows as they come, so that a year needs no more memory than a day; how many there were."""
    sheet = csv.writer(out, lineterminator="\n") if form == "csv" else None
    if sheet:
        sheet.writerow(kind.__struct_fields__)
    count = 0
    async for row in rows:
        fields = structs.asdict(row)
        if sheet:
            sheet.writerow([_cell(value) for value in fields.values()])
        else:
            out.write(json.encode(fields).decode() + "\n")
        count += 1
    return count


def _cell(value: Any) -> str:
    return still(json.encode(value).decode() if isinstance(value, dict) else str(value))
