"""A table as a file: CSV as a spreadsheet in French opens it, or XLSX; no cell of either is ever computed."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

import xlsxwriter

from bot.admin.table import Cell
from bot.services.sheets import still

KINDS: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LONGEST = 32_767
"""Characters a cell of XLSX may have."""


def as_csv(titles: Sequence[str], rows: Iterable[Sequence[Cell]], mark: str = ";") -> bytes:
    """With the mark of order that tells Excel it is UTF-8."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=mark, lineterminator="\r\n")
    sheet.writerow(titles)
    sheet.writerows([still(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet, its titles held in place. Text is written as text, whatever it begins with."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, titles, book.add_format({"bold": True}))
        sheet.set_column(0, max(len(titles) - 1, 0), 18)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell[:_LONGEST])
                else:
                    sheet.write_number(number, place, cell)
    return out.getvalue()
