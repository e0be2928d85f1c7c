"""The parts of an Excel workbook: its sheets, its texts, and which cells show percentages or dates.

Each part is read by a parser that keeps no tree, so what a part holds bounds what it takes. Nothing in it is computed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal
from xml.parsers import expat

from optimizer.pool_file.archive import Archive
from optimizer.pool_file.limits import FEWER, fault, refusal

MAX_TEXTS: Final = 2_000_000
MAX_STYLES: Final = 65_536  # as many as Excel has
MAX_SHEETS: Final = 1_000

Attributes = dict[str, str]
Shows = Literal["number", "percent", "date", "span"]

_AGAIN: Final = 'open it in Excel and save it as .xlsx, or save the sheet as "CSV UTF-8"'
_PIECE: Final = 1 << 16
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its part of the archive, and whether it is shown."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True, eq=False)
class Workbook:
    """What the cells of all sheets refer to.

    Attributes
    ----------
    sheets
        Sheets of cells, in their order; not those of charts.
    texts
        The shared texts.
    shows
        By style, how a number is shown.
    since_1904
        Whether days are counted from 1904.
    uncomputed
        Whether the program that wrote it left formulas to be computed when it is opened, with 0 in place of values.
    """

    archive: Archive
    file: str
    sheets: tuple[Sheet, ...]
    texts: list[str]
    shows: list[Shows]
    since_1904: bool
    uncomputed: bool


def parse(
    archive: Archive,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Parse a part piece by piece; elements of other namespaces than that of the first one are passed over."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = lambda *_: _no_type(archive.file)
    parser.CharacterDataHandler = text

    def root(name: str, found: Attributes) -> None:
        prefix, colon, local = name.rpartition(":")
        if colon:
            parser.StartElementHandler = _within(f"{prefix}:", start)
            parser.EndElementHandler = end and _within(f"{prefix}:", end)
        else:
            parser.StartElementHandler, parser.EndElementHandler = start, end
        start(local, found)

    parser.StartElementHandler = root
    with archive.opened(part) as stream:
        try:
            while piece := stream.read(_PIECE):
                parser.Parse(piece)
                yield
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise refusal("damage", archive.file) from None
    yield


def _within(prefix: str, handler: Callable[..., None]) -> Callable[..., None]:
    """Pass on the elements with this prefix, without it."""

    def passed_on(name: str, *found: Attributes) -> None:
        if name.startswith(prefix):
            handler(name.removeprefix(prefix), *found)

    return passed_on


def _no_type(file: str) -> None:
    """Refuse a document type: it can define entities that unfold without measure, and no workbook has one."""
    raise refusal("damage", file)


def read_through(archive: Archive, part: str, start: Callable[[str, Attributes], None]) -> None:
    """Parse a part for its elements alone."""
    for _ in parse(archive, part, start):
        pass


def open_workbook(archive: Archive, file: str) -> Workbook:
    """Read all but the cells.

    Raises
    ------
    ScenarioError
        When it is damaged, or beyond the limits.
    """
    main = _main_part(archive)
    targets = _targets(archive, main)
    sheets: list[tuple[str, str, str]] = []
    told: dict[str, Attributes] = {}

    def note(name: str, found: Attributes) -> None:
        if name == "sheet":
            sheets.append((found.get("name", ""), _of(found, "id"), found.get("state", "visible")))
            if len(sheets) > MAX_SHEETS:
                raise fault("pool-too-large", f"it has more than {MAX_SHEETS:,} sheets", FEWER, file)
        elif name in {"workbookPr", "calcPr"}:
            told.setdefault(name, found)

    read_through(archive, main, note)
    parts = {name: targets.get(key, ("", "")) for name, key, _ in sheets}
    of_cells = tuple(
        Sheet(name, parts[name][1], state == "visible")
        for name, _, state in sheets
        if parts[name][0] == "worksheet" and parts[name][1] in archive.members
    )
    if not of_cells:
        raise fault("pool-format", "this Excel workbook has no sheet of cells", _AGAIN, file)
    return Workbook(
        archive,
        file,
        of_cells,
        _texts(archive, _part(archive, targets, "sharedStrings")),
        _styles(archive, _part(archive, targets, "styles")),
        _is_set(told.get("workbookPr", {}), "date1904"),
        _is_set(told.get("calcPr", {}), "fullCalcOnLoad"),
    )


def _is_set(found: Attributes, name: str) -> bool:
    return found.get(name, "0") in {"1", "true"}


def _of(found: Attributes, name: str) -> str:
    """An attribute, whatever its prefix."""
    return next((value for key, value in found.items() if key.rpartition(":")[2] == name and ":" in key), "")


def _main_part(archive: Archive) -> str:
    if "_rels/.rels" in archive.members:
        for kind, part in _targets(archive, "").values():
            if kind == "officeDocument" and part in archive.members:
                return part
    return "xl/workbook.xml"


def _targets(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to by id: the kind, and the part."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def note(name: str, said: Attributes) -> None:
        if name == "Relationship" and said.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, said.get("Target", ""))).lstrip("/")
            found[said.get("Id", "")] = (said.get("Type", "").rpartition("/")[2], target)

    listed = posixpath.join(folder, "_rels", f"{name}.rels")
    if listed in archive.members:
        read_through(archive, listed, note)
    return found


def _part(archive: Archive, targets: dict[str, tuple[str, str]], kind: str) -> str | None:
    return next((part for found, part in targets.values() if found == kind and part in archive.members), None)


def unescaped(text: str) -> str:
    """A text with the characters that XML cannot hold, which are written as _x000D_."""
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _texts(archive: Archive, part: str | None) -> list[str]:
    gathered = _Texts(archive.file)
    if part is not None:
        for _ in parse(archive, part, gathered.start, gathered.end, gathered.text):
            pass
    return gathered.texts


class _Texts:
    """Gathers the shared texts, without how they are pronounced."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._inside = self._spoken = False

    def start(self, name: str, _: Attributes) -> None:
        if name == "t":
            self._inside = not self._spoken
        elif name == "rPh":
            self._spoken = True
        elif name == "si":
            self._pieces.clear()

    def end(self, name: str) -> None:
        if name == "t":
            self._inside = False
        elif name == "rPh":
            self._spoken = False
        elif name == "si":
            self.texts.append(unescaped("".join(self._pieces)))
            if len(self.texts) > MAX_TEXTS:
                cause = f"it holds more than {MAX_TEXTS:,} different texts"
                raise fault("pool-too-large", cause, FEWER, self.file)

    def text(self, piece: str) -> None:
        if self._inside:
            self._pieces.append(piece)


def _styles(archive: Archive, part: str | None) -> list[Shows]:
    gathered = _Styles(archive.file)
    if part is not None:
        for _ in parse(archive, part, gathered.start, gathered.end):
            pass
    return gathered.shows


class _Styles:
    """Gathers how the styles of cells show numbers."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.shows: list[Shows] = []
        self._formats: dict[str, Shows] = {}
        self._inside = False

    def start(self, name: str, found: Attributes) -> None:
        if name == "numFmt":
            self._formats[found.get("numFmtId", "")] = shown_by(found.get("formatCode", ""))
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            number = found.get("numFmtId", "0")
            self.shows.append(self._formats.get(number) or _BUILT_IN.get(number, "number"))
            if len(self.shows) > MAX_STYLES:
                raise refusal("damage", self.file)

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False


_BUILT_IN: Final[dict[str, Shows]] = {
    **dict.fromkeys(("9", "10"), "percent"),
    **{str(at): "date" for at in (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))},
    "46": "span",
}
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.')
_SPAN: Final = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKET: Final = re.compile(r"\[[^\]]*\]")


def shown_by(code: str) -> Shows:
    """How a number format shows a number."""
    code = _LITERAL.sub("", code[:1_000].partition(";")[0])
    if _SPAN.search(code):
        return "span"
    code = _BRACKET.sub("", code)
    if "%" in code:
        return "percent"
    if code.casefold() != "general" and re.search("[ymdhs]", code, re.IGNORECASE):
        return "date"
    return "number"
