"""An Excel workbook is read as it shows itself, or refused with the place; whatever it holds, in little memory."""

from __future__ import annotations

import datetime
import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.errors import Problem, ScenarioError
from optimizer.pool_file import archive, cells, workbook
from optimizer.pool_file.read import read_table
from optimizer.pool_file.workbook import shown_by
from tests.pool_file.books import DATE, MOMENT, MONEY, PERCENT, SPAN, book, crafted, line, parts, zipped
from tests.pool_file.reading import only, read, survives, texts
from tests.support.amounts import SEED, TIMES

TABLE = [["creator", "followers"], ["@ana", 5000], ["@bea", 20_000]]
READ = {"creator": ["@ana", "@bea"], "followers": ["5000", "20000"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.xlsx"


def refused(path: Path, content: bytes, code: str, **keys: object) -> Problem:
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as error:
        read_table(path, path.name, lambda header: header, **keys)  # type: ignore[arg-type]
    problem = only(error)
    assert (problem.code, bool(problem.cause), bool(problem.mend)) == (code, True, True), problem
    return problem


def one(path: Path, cell: str, **more: object) -> str | None:
    """What is read of one cell."""
    found = read(path, crafted(line(1, "x", "y"), line(2, cell, "-"), **more))  # type: ignore[arg-type]
    return found.columns["x"][0].as_py()


# --- cells ---


def test_a_workbook_is_read_with_the_rows_and_columns_that_excel_shows(path: Path) -> None:
    found = read(path, book(TABLE, names=["Creators"]))
    assert texts(found) == READ
    assert (found.rows.tolist(), found.separator, found.notes) == ([2, 3], "", ())
    assert str(found.place(1, "followers")) == "list.xlsx [Creators]:3:2"
    assert {name: flags.tolist() for name, flags in found.numeric.items()} == {"followers": [True, True]}


def test_a_workbook_with_macros_is_told_by_its_bytes(tmp_path: Path) -> None:
    for name in ("list.xlsm", "list.csv"):
        assert texts(read(tmp_path / name, book(TABLE))) == READ


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<c><v>8200</v></c>", "8200"),
        ("<c><v>8200.0</v></c>", "8200"),
        ("<c><v>6.0999999999999999E-2</v></c>", "0.061"),
        ("<c><v>1E-7</v></c>", "1e-7"),
        ("<c><v>1E+20</v></c>", "1e20"),
        ("<c><v>123456789012345</v></c>", "123456789012345"),
        ("<c><v>-3.5</v></c>", "-3.5"),
        (f'<c s="{MONEY}"><v>1200.5</v></c>', "1200.5"),
        (f'<c s="{PERCENT}"><v>6.0999999999999999E-2</v></c>', "6.1%"),
        (f'<c s="{PERCENT}"><v>0.07</v></c>', "7%"),
        (f'<c s="{PERCENT}"><v>1</v></c>', "100%"),
        (f'<c s="{PERCENT}"><v>0</v></c>', "0%"),
        (f'<c s="{PERCENT}"><v>1E-4</v></c>', "0.01%"),
        (f'<c s="{DATE}"><v>45292</v></c>', "2024-01-01"),
        (f'<c s="{DATE}"><v>59</v></c>', "1900-02-28"),
        (f'<c s="{DATE}"><v>60</v></c>', "1900-02-29"),
        (f'<c s="{DATE}"><v>61</v></c>', "1900-03-01"),
        (f'<c s="{DATE}"><v>2958465</v></c>', "9999-12-31"),
        (f'<c s="{DATE}"><v>2958466</v></c>', "2958466"),
        (f'<c s="{DATE}"><v>-1</v></c>', "-1"),
        (f'<c s="{MOMENT}"><v>45292.5</v></c>', "2024-01-01T12:00:00"),
        (f'<c s="{MOMENT}"><v>0.25</v></c>', "06:00:00"),
        (f'<c s="{SPAN}"><v>1.5</v></c>', "36:00:00"),
        ('<c t="s"><v>1</v></c>', "shared"),
        ('<c t="b"><v>1</v></c>', "true"),
        ('<c t="b"><v>0</v></c>', "false"),
        ('<c t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c t="str"><f>A1</f><v>told</v></c>', "told"),
        ('<c t="str"><f>A1</f><v></v></c>', None),
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        ('<c t="d"><v>2024-01-01T00:00:00</v></c>', "2024-01-01T00:00:00"),
        ('<c t="inlineStr"><is><r><t>Zo</t></r><r><t>é</t></r><rPh><t>zoe</t></rPh></is></c>', "Zoé"),
        ('<c t="inlineStr"><is><t> 00123 </t></is></c>', "00123"),
        ('<c t="inlineStr"><is><t>a_x000D_\n_x0041__x005F_x</t></is></c>', "a\r\nA_x"),
        ('<c t="inlineStr"><is><t>_xD83D__xDE00__xD83D_</t></is></c>', "😀\N{REPLACEMENT CHARACTER}"),
        ("<c/>", None),
        ("<c><v> </v></c>", None),
    ],
)
def test_a_cell_is_read_as_it_is_meant(path: Path, cell: str, text: str | None) -> None:
    assert one(path, cell, texts=["other", "shared"]) == text


def test_days_may_be_counted_from_1904(path: Path) -> None:
    assert one(path, f'<c s="{DATE}"><v>0</v></c>', head='<workbookPr date1904="1"/>') == "1904-01-01"
    assert one(path, f'<c s="{DATE}"><v>2957003</v></c>', head='<workbookPr date1904="true"/>') == "9999-12-31"


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("General", "number"),
        ("0.00", "number"),
        ("0.0%", "percent"),
        ('0.0"%"', "number"),
        (r"0\%", "number"),
        ("yyyy-mm-dd", "date"),
        ("[$-40C]d mmm yyyy;@", "date"),
        ("[h]:mm", "span"),
        ('#,##0 "days"', "number"),
        ("[Red]0.0", "number"),
        ("# ##0 [$€-40C]", "number"),
        ("_-* #,##0.00_-;-* #,##0.00_-", "number"),
        ("@", "number"),
        ("", "number"),
    ],
)
def test_a_number_format_says_how_a_number_is_shown(code: str, shows: str) -> None:
    assert shown_by(code) == shows


@pytest.mark.parametrize("content", ["<f>A1*2</f>", "<f>A1*2</f><v/>", "<f>A1*2</f><v></v>"])
def test_a_needed_formula_without_its_value_is_a_fault_of_its_row(path: Path, content: str) -> None:
    rows = [line(1, "x", "y"), line(2, f"<c>{content}</c>", "a"), line(3, "<c><v>3</v></c>", f"<c>{content}</c>")]
    found = read(path, crafted(*rows), "x")
    assert (texts(found), found.bad_rows) == ({"x": ["3"]}, 1)
    (problem,) = found.problems
    assert (problem.code, str(problem.place)) == ("pool-formula", "list.xlsx [Sheet1]:2:1")
    assert "save" in problem.mend


def test_formulas_that_excel_has_never_computed_are_told_by_the_note_of_their_writer(path: Path) -> None:
    stream = io.BytesIO()
    import xlsxwriter

    with xlsxwriter.Workbook(stream) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["creator", "fee"])
        sheet.write_row(1, 0, ["@a", 0])
        sheet.write_string(2, 0, "@b")
        sheet.write_formula(2, 1, "=2*50")  # it writes 0 in place of the value
        sheet.write_string(3, 0, "@c")
        sheet.write_formula(3, 1, "=2*50", None, 100)
    found = read(path, stream.getvalue())
    assert texts(found) == {"creator": ["@a", "@c"], "fee": ["0", "100"]}
    assert [problem.code for problem in found.problems] == ["pool-formula"]


def test_many_formulas_without_value_are_counted(path: Path) -> None:
    rows = [line(1, "x", "y"), *(line(at, "<c><f>A1</f></c>", "a") for at in range(2, 40))]
    found = read(path, crafted(*rows))
    assert (len(found.problems), found.bad_rows) == (21, 38)
    assert found.problems[-1].cause.startswith("18 more rows")


def test_hidden_rows_are_read_and_told(path: Path) -> None:
    rows = line(2, "@a", "1").replace("<row", '<row hidden="1"')
    found = read(path, crafted(line(1, "creator", "fee"), rows, line(3, "@b", "2")))
    assert texts(found)["creator"] == ["@a", "@b"]
    assert found.notes == ("has 1 hidden rows, read like the others",)


def test_elements_may_have_a_prefix(path: Path) -> None:
    made = parts(line(1, "a", "b") + line(2, "<c><v>1</v></c>", "x"))
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        text = made[name].replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
        made[name] = text.replace("xmlns=", "xmlns:x=")
    assert texts(read(path, zipped(made))) == {"a": ["1"], "b": ["x"]}


def test_cells_without_places_follow_each_other_and_gaps_are_blank(path: Path) -> None:
    rows = '<row><c r="A1" t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
    rows += '<row r="5"><c r="B5"><v>2</v></c></row>'
    found = read(path, crafted(rows, line(6, "x", "y")))
    assert (texts(found), found.rows.tolist()) == ({"a": [None, "x"], "b": ["2", "y"]}, [5, 6])


# --- sheets ---


def test_the_only_visible_sheet_with_a_table_is_read(path: Path) -> None:
    notes = [["Read me"], ["More of it"]]
    found = read(path, book(notes, TABLE, TABLE, names=["Notes", "List", "Old"], hidden=[2]))
    assert (texts(found), found.file) == (READ, "list.xlsx [List]")


def test_several_tables_are_refused_with_their_names(path: Path) -> None:
    content = book(TABLE, TABLE, names=["Spring", "Fall"])
    problem = refused(path, content, "pool-sheet")
    assert "Spring, Fall" in problem.cause
    assert 'sheet: "Spring"' in problem.mend
    path.write_bytes(content)
    for name in ("Fall", " fall"):
        assert read_table(path, "list.xlsx", lambda header: header, sheet=name).file == "list.xlsx [Fall]"


def test_a_hidden_sheet_may_be_named(path: Path) -> None:
    path.write_bytes(book(TABLE, TABLE, names=["Spring", "Fall"], hidden=[1]))
    assert read_table(path, "list.xlsx", lambda header: header, sheet="Fall").rows.size == 2


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(path: Path) -> None:
    assert (
        "its sheets are: Spring, Fall"
        in refused(path, book(TABLE, TABLE, names=["Spring", "Fall"]), "pool-sheet", sheet="x").mend
    )


def test_a_workbook_without_a_table_is_refused(path: Path) -> None:
    refused(path, book([], names=["Empty"]), "pool-empty")
    refused(path, book([["a"]], [["b"]]), "pool-sheet")
    refused(path, book([["creator", "fee"]]), "pool-no-rows")


@pytest.mark.parametrize(
    "members",
    [
        {"xl/workbook.xml": "<workbook/>"},
        {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"},
        parts("", names=["a"]) | {"xl/_rels/workbook.xml.rels": "<Relationships/>"},
    ],
)
def test_a_workbook_without_sheets_is_refused_with_a_way_out(path: Path, members: dict[str, str]) -> None:
    problem = refused(path, zipped(members), "pool-format")
    assert "Excel" in problem.cause
    assert "CSV" in problem.mend


# --- hostile ---

CORNERS = crafted(
    '<row r="1"><c r="A1" t="str"><v>creator</v></c></row>',
    '<row r="1048576"><c r="XFD1048576" t="str"><v>end</v></c></row>',
)
BOMBS = {
    "two cells in far corners": CORNERS,
    "shared texts without end": zipped(parts(line(1, "a")) | {"xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 2_100_000}),
    "empty cells without end": crafted(line(1, "a", "b"), '<row r="2">', "<c/>" * 10_100_000, "</row>"),
    "empty rows without end": crafted(line(1, "a", "b"), "<row/>" * 1_100_000),
    "styles without end": zipped(parts(line(1, "a")) | {"xl/styles.xml": b"<s><cellXfs>" + b"<xf/>" * 100_000}),
    "sheets without end": zipped(
        parts(line(1, "a")) | {"xl/workbook.xml": b"<workbook><sheets>" + b'<sheet name="a"/>' * 100_000}
    ),
    "nested elements without end": crafted("<g>" * 2_000_000),
    "more than it may unpack to": zipped(parts(line(1, "a")) | {"xl/media/x": bytes(201_000_000)}),
    "a text without end": crafted(line(1, "a", "b"), f'<row r="2"><c><v>{"9" * 50_000_000}</v></c></row>'),
}
LAUGHS = "".join(f'<!ENTITY e{at + 1} "{f"&e{at};" * 10}">' for at in range(9))
TYPES = {
    "laughs": f'<!DOCTYPE w [<!ENTITY e0 "ha">{LAUGHS}]>',
    "quadratic": f'<!DOCTYPE w [<!ENTITY e9 "{"x" * 100_000}">]>',
    "outside": '<!DOCTYPE w SYSTEM "file:///etc/passwd">',
}
SMALL = """
import resource, sys
from pathlib import Path
from optimizer.errors import ScenarioError
from optimizer.pool_file.read import read_table
before = resource.getrusage(resource.RUSAGE_SELF)
try:
    print("read", len(read_table(Path(sys.argv[1]), "list.xlsx", lambda header: header).rows))
except ScenarioError as error:
    print(error.problems[0].code)
after = resource.getrusage(resource.RUSAGE_SELF)
print((after.ru_maxrss - before.ru_maxrss) >> 10)
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="other systems count memory in other units")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_read_or_refused_in_little_memory(root: Path, path: Path, bomb: str) -> None:
    path.write_bytes(BOMBS[bomb])
    line_ = [sys.executable, "-c", SMALL, str(path)]
    result = subprocess.run(line_, cwd=root, capture_output=True, text=True, check=False)
    said, memory = result.stdout.split("\n")[:2]
    assert (result.returncode, result.stderr) == (0, "")
    assert said in {"pool-too-large", "pool-unreadable", "pool-format", "pool-no-rows", "read 1"}
    assert int(memory) < 700


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"]
)
def test_a_part_that_defines_entities_is_refused(path: Path, kind: str, part: str) -> None:
    made = parts(line(1, "a", "b") + line(2, "x", "y"))
    assert texts(read(path, zipped(made))) == {"a": ["x"], "b": ["y"]}
    made[part] = TYPES[kind] + made[part].replace("<row", "&e9;<row", 1).replace("<si>", "&e9;<si>")
    refused(path, zipped(made), "pool-unreadable")


@pytest.mark.parametrize(
    ("cap", "module", "content"),
    [
        ("MAX_UNPACKED", archive, book(TABLE)),
        ("MAX_MEMBERS", archive, book(TABLE)),
        ("MAX_TEXTS", workbook, book(TABLE)),
        ("MAX_SHEETS", workbook, book(TABLE, TABLE, TABLE, TABLE)),
        ("MAX_CELLS", cells, book(TABLE)),
    ],
)
def test_each_cap_has_its_message(
    path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, module: object, content: bytes
) -> None:
    monkeypatch.setattr(module, cap, 2)
    refused(path, content, "pool-too-large")


@pytest.mark.parametrize(
    "rows",
    [
        line(2, "a") + line(1, "b"),
        line(1, "a") + line(1, "b"),
        '<row r="1048577"/>',
        '<row r="0"/>',
        '<row r="-1"/>',
        '<row r="9999999999999999999999"/>',
        '<row r="x"/>',
        '<row r="1"><c r="B1"/><c r="A1"/></row>',
        '<row r="1"><c r="A1"/><c r="A1"/></row>',
        '<row r="1"><c r="A2"/></row>',
        '<row r="1"><c r="XFE1"/></row>',
        '<row r="1"><c r="AAAAAAAA1"/></row>',
        '<row r="1"><c r="1"/></row>',
        '<row r="1"><c r="é1"/></row>',
        '<row r="1"><c t="s"><v>9</v></c></row>',
        '<row r="1"><c t="s"><v>-1</v></c></row>',
        '<row r="1"><c t="s"><v>x</v></c></row>',
        '<row r="1"><c><v>many</v></c></row>',
        '<row r="1"><c><v>1_0</v></c></row>',
        '<row r="1"><c><v>nan</v></c></row>',
        '<row r="1"><c><v>1e999</v></c></row>',
        "<row>",
        "&unknown;",
    ],
)
def test_rows_and_cells_that_cannot_be_are_damage(path: Path, rows: str) -> None:
    refused(path, crafted(rows), "pool-unreadable")


def test_an_archive_that_is_none_is_damage(path: Path) -> None:
    content = book(TABLE)
    refused(path, content[:-30], "pool-unreadable")
    refused(path, b"PK\x03\x04" + bytes(100), "pool-unreadable")
    refused(path, zipped(parts(line(1, "a")), zipfile.ZIP_BZIP2), "pool-unreadable")
    stream = io.BytesIO(content)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(stream, "a") as again:
        again.writestr("xl/workbook.xml", "<workbook/>")
    refused(path, stream.getvalue(), "pool-unreadable")


def test_a_locked_archive_is_refused_by_name(path: Path) -> None:
    content = bytearray(book(TABLE))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(sign)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(sign, start + 1)
    assert "password" in refused(path, bytes(content), "pool-format").cause


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"[Content_Types].xml": "", "xl/workbook.bin": ""}, ".xlsb"),
        ({"[Content_Types].xml": "", "word/document.xml": ""}, "Word"),
        ({"[Content_Types].xml": "", "ppt/presentation.xml": ""}, "presentation"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""}, ".ods"),
        ({"Index/Document.iwa": "", "Metadata/Properties.plist": ""}, ".numbers"),
    ],
)
def test_the_files_of_other_programs_are_refused_by_name(path: Path, members: dict[str, str], named: str) -> None:
    assert named in refused(path, zipped(members), "pool-format").cause


def test_a_damaged_workbook_gives_a_table_or_a_fault(path: Path) -> None:
    rng = random.Random(f"workbook{SEED}")
    stored = zipped(parts(*[line(1, "a", "b") + line(2, "x", "<c><v>1</v></c>")] * 2), zipfile.ZIP_STORED)
    for content in (book(TABLE), stored):
        for _ in range(150 * TIMES):
            changed = bytearray(content)
            for _ in range(rng.randint(1, 4)):
                at = rng.randrange(len(changed))
                changed[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
            survives(path, bytes(changed))


def test_parts_with_any_text_changed_give_a_table_or_a_fault(path: Path) -> None:
    rng = random.Random(f"parts{SEED}")
    signs = ["<", ">", "/", '"', "&", "r", "t", "s", "9", "-", " ", "\0", "é", "<v>", "</c>", "<row>", "_x0000_"]
    for _ in range(300 * TIMES):
        made: dict[str, str] = parts(line(1, "a", "b") + line(2, "x", "<c><v>1</v></c>"), texts=["x"])
        name = rng.choice([name for name in made if name != "[Content_Types].xml"])
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(made[name]))
            made[name] = made[name][:at] + rng.choice(signs) + made[name][at + rng.randint(0, 2) :]
        survives(path, zipped(made))


# --- properties ---

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).filter(
    lambda text: not text.startswith("=")
)
VALUE = st.one_of(
    TEXT.map(lambda text: f"t{text}"),
    st.integers(-(10**12), 10**12),
    st.floats(-1e12, 1e12, allow_nan=False),
    st.booleans(),
    st.none(),
    st.dates(datetime.date(1901, 1, 1)),
)


def expected(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float):
        return value.hex()
    return None if value is None else str(value)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.lists(VALUE, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_openpyxl_writes_is_read_as_it_was_written(path: Path, rows: list[list[object]]) -> None:
    made = openpyxl.Workbook()
    made.active.append(["creator", "one", "two", "three"])
    for row in rows:
        made.active.append(["@a", *row])
    made.save(path)
    found = read(path, path.read_bytes())
    columns = list(zip(*rows, strict=True))
    for name, values in zip(["one", "two", "three"], columns, strict=True):
        flags = found.numeric.get(name, [False] * len(rows))
        for text, value, number in zip(found.columns[name].to_pylist(), values, flags, strict=True):
            assert bool(number) == (isinstance(value, int | float) and not isinstance(value, bool))
            if isinstance(value, float):
                assert float(text) == pytest.approx(value, rel=1e-14)  # it writes 16 digits
            elif isinstance(value, str):
                assert " ".join((text or "").split()) == " ".join(cleaned(value).split())
            else:
                assert text == expected(value)


def cleaned(text: str) -> str:
    import unicodedata

    from optimizer.pool_file.cleaning import SPACES

    return unicodedata.normalize("NFC", text.strip(SPACES))
