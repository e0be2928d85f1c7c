"""Read a zip file: an Excel workbook is one, and some tools pack their tables in one."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from typing import Final

from optimizer.pool_file.archive import Archive
from optimizer.pool_file.csv_text import read_csv
from optimizer.pool_file.limits import fault, refusal, shown
from optimizer.pool_file.sheets import read_workbook
from optimizer.pool_file.table import Table, Wanted

_AS_CSV: Final = 'open it there and save the table as "CSV UTF-8" or as .xlsx'
# YouTube Studio packs three tables: this is not the one of videos.
_BESIDE: Final = {
    "totals.csv",
    "chart data.csv",
    "totaux.csv",
    "données du graphique.csv",
}
_TABLES: Final = (".csv", ".tsv")


def read_packed(archive: Archive, file: str, wanted: Wanted, sheet: str | None, header: int | None) -> Table:
    """Read a workbook, or the one table that a zip file holds as CSV.

    Raises
    ------
    ScenarioError
        When it is another kind of file, or it is unclear which table is meant.
    """
    if "xl/workbook.xml" in archive.members or "[Content_Types].xml" in archive.members:
        _refuse_others(archive, file)
        return read_workbook(archive, file, wanted, sheet, header)
    _refuse_others(archive, file)
    name = _chosen(archive, file, sheet)
    raw = archive.read(name)
    inner = f"{file} [{shown(_called(name))}]"
    if not raw:
        raise fault("pool-empty", "the file is empty", "write a header line and a row for each creator", inner)
    if raw.startswith(b"PK\x03\x04"):
        raise refusal("damage", inner)
    return read_csv(raw, inner, wanted, header)


def _refuse_others(archive: Archive, file: str) -> None:
    """Refuse the files of other programs by their names."""
    members = archive.members
    what = None
    if "xl/workbook.bin" in members:
        what = ("a binary Excel workbook (.xlsb)", 'open it in Excel and save it as .xlsx, or as "CSV UTF-8"')
    elif "word/document.xml" in members:
        what = ("a Word document", "copy the table into a spreadsheet, and save it as .xlsx")
    elif "ppt/presentation.xml" in members:
        what = ("a presentation", "copy the table into a spreadsheet, and save it as .xlsx")
    elif "mimetype" in members and archive.members["mimetype"].file_size < 200:
        kind = archive.read("mimetype")
        if kind.startswith(b"application/vnd.oasis.opendocument"):
            what = ("a document of LibreOffice or OpenOffice (.ods)", _AS_CSV)
    elif any((name.startswith("Index/") and name.endswith(".iwa")) or name == "Index.zip" for name in members):
        what = ("a document of Numbers (.numbers)", _AS_CSV.replace("there", "in Numbers"))
    if what is not None:
        raise fault("pool-format", f"this is {what[0]}", what[1], file)


def _chosen(archive: Archive, file: str, said: str | None) -> str:
    names = [name for name in archive.members if not _is_hidden(name)]
    tables = [name for name in names if name.lower().endswith(_TABLES)]
    listed = ", ".join([*(shown(name) for name in names[:20]), *(["..."] if len(names) > 20 else [])])
    if said is not None:
        exact = [name for name in tables if name == said]
        alike = [name for name in tables if _folded(said) in _calls(name)]
        for found in (exact, alike):
            if len(found) == 1:
                return found[0]
        cause = f'the zip file has no table "{shown(said)}"'
        raise fault("pool-sheet", cause, f"its files are: {listed}", file)
    found = [name for name in tables if _called(name) not in _BESIDE] if len(tables) > 1 else tables
    if len(found) == 1:
        return found[0]
    if not tables:
        cause = f"this zip file holds no CSV file, only: {listed}" if names else "this zip file is empty"
        raise fault("pool-format", cause, "unpack it, and name the file that has the creators", file)
    candidates = found or tables
    cause = f"this zip file holds several tables: {', '.join(shown(name) for name in candidates[:20])}"
    mend = f'say which one: creators: {{file: ..., sheet: "{shown(candidates[0])}"}}'
    raise fault("pool-sheet", cause, mend, file)


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


def _called(name: str) -> str:
    """The name of a file without its folders, in lower case."""
    return _folded(PurePosixPath(name).name)


def _calls(name: str) -> set[str]:
    """What a planner may call a file: with and without folders and ending."""
    return {_folded(name), _called(name), _folded(PurePosixPath(name).stem)}
