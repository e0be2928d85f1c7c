"""Workbooks for tests: written cell by cell, so that each part can be odd, or by the libraries that planners use."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

SPACE = "http://schemas.openxmlformats.org"
MAIN = f"{SPACE}/spreadsheetml/2006/main"
TO = f"{SPACE}/officeDocument/2006/relationships"
PERCENT, DATE, MOMENT, SPAN, MONEY = range(1, 6)
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="[h]:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="#,##0.00\\ &quot;dollars&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="10"/>'
    '<xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>'
)


def zipped(members: Mapping[str, str | bytes], way: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", way) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def parts(
    *sheets: str, names: Sequence[str] = (), states: Sequence[str] = (), texts: Sequence[str] = (), head: str = ""
) -> dict[str, str]:
    """The parts of a workbook, given the rows of its sheets as XML."""
    names = names or [f"Sheet{at + 1}" for at in range(len(sheets))]
    states = states or ["visible"] * len(sheets)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" state="{state}" r:id="r{at}"/>'
        for at, (name, state) in enumerate(zip(names, states, strict=True), 1)
    )
    refers = "".join(
        f'<Relationship Id="r{at}" Type="{TO}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    refers += f'<Relationship Id="t" Type="{TO}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    refers += f'<Relationship Id="s" Type="{TO}/styles" Target="styles.xml"/>'
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships><Relationship Id="a" Type="{TO}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{TO}">{head}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{refers}</Relationships>",
        "xl/sharedStrings.xml": f"<sst>{''.join(f'<si><t>{escape(text)}</t></si>' for text in texts)}</sst>",
        "xl/styles.xml": f"<styleSheet>{STYLES}</styleSheet>",
        **{
            f"xl/worksheets/sheet{at}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            for at, rows in enumerate(sheets, 1)
        },
    }


def line(number: int, *cells: str) -> str:
    """A row of cells as XML, or of texts."""
    whole = (
        cell if cell.startswith("<c") else f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in cells
    )
    return f'<row r="{number}">{"".join(whole)}</row>'


def crafted(*rows: str, head: str = "", texts: Sequence[str] = ()) -> bytes:
    """A workbook of one sheet."""
    return zipped(parts("".join(rows), head=head, texts=texts))


def book(*sheets: Sequence[Sequence[object]], names: Sequence[str] = (), hidden: Sequence[int] = ()) -> bytes:
    """A workbook as xlsxwriter writes it: each sheet as rows of values, None for no cell."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_numbers": False}) as made:
        for at, rows in enumerate(sheets):
            sheet = made.add_worksheet(names[at] if names else None)
            if at in hidden:
                sheet.hide()
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    if value is not None:
                        _write(sheet, row, column, value)
    return stream.getvalue()


def _write(sheet: object, row: int, column: int, value: object) -> None:
    kind = "string" if isinstance(value, str) else "boolean" if isinstance(value, bool) else "number"
    getattr(sheet, f"write_{kind}")(row, column, value)
