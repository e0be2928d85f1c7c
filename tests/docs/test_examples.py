"""Every example of the README and of docs/ is what a reader would see."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, tool

examples, generate = tool("examples"), tool("generate")
PAGES = examples.pages()
REMAKE = "if this is right, make the pages anew: python docs/generate.py"


def blocks(page: Path) -> list:
    return [step for step in examples.steps(page.read_text(encoding="utf-8")) if isinstance(step, examples.Block)]


def title(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.skipif(sys.platform == "win32", reason="the commands are run by a POSIX shell")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=title)
def test_the_examples_of_a_page_run_in_order_and_print_what_the_page_shows(page, tmp_path):
    wrong = [
        f"line {shown.block.start}:\n{shown.wrong}"
        for shown in examples.Workspace(tmp_path, page).follow()
        if shown.wrong
    ]
    assert not wrong, "\n\n".join([*wrong, REMAKE])


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_the_generated_tables_of_a_page_are_those_of_the_source(page):
    text = page.read_text(encoding="utf-8")
    assert generate.with_tables(text) == text, REMAKE


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_relative_to(DOCS)], ids=title)
def test_no_yaml_of_the_docs_goes_unchecked(page):
    yaml = [block for block in blocks(page) if block.language == "yaml"]
    unchecked = [
        block.start for block in yaml if not block.lines[0].startswith("format: 1") and "over" not in block.marks
    ]
    assert not unchecked


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_relative_to(DOCS)], ids=title)
def test_figures_that_the_text_quotes_from_an_output_are_in_an_output(page):
    text = page.read_text(encoding="utf-8")
    if "tutorial" not in page.parts:
        return
    inside = "\n".join(block.text for block in blocks(page))
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    quoted = re.findall(r"\d+\.\d+%", prose)
    assert [figure for figure in quoted if figure not in inside] == []


def test_an_ellipsis_stands_for_any_lines_and_nothing_else_differs():
    now = ["a", "b", "c", "d"]
    assert examples.same(["a", "...", "d"], now)
    assert examples.same(["a", "b", "..."], now)
    assert examples.same(["...", "b", "...", "d"], now)
    assert not examples.same(["a", "...", "c"], now)
    assert not examples.same(["a", "b", "c"], now)
    assert not examples.same(["...", "c", "...", "b", "..."], now)


def test_seconds_and_blanks_at_the_end_of_a_line_make_no_difference():
    assert examples.same(['  "seconds": 0.1'], ['  "seconds": 0.25  '])


def test_an_output_that_changed_is_cut_where_the_page_cut_the_old_one():
    old = ["Plan", "value: 12", "...", "rule   1", "..."]
    now = ["Plan", "value: 13.5", "more", "rule  22", "last"]
    assert examples.cut(old, now) == ["Plan", "value: 13.5", "...", "rule  22", "..."]
