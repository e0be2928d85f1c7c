"""The story of a planner in a real browser, on a laptop and on a phone."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import SIZES, Visit

pytestmark = pytest.mark.browser
POOL = Path(__file__).parents[2] / "optimizer/cli/starter/creators.csv"
LOOK = os.environ.get("CREATORMIX_LOOK")  # a folder for pictures of each state


def look(visit: Visit, name: str) -> None:
    """Check a state: nothing serious for an accessibility checker, nothing wider than the screen."""
    if LOOK:
        visit.page.screenshot(path=f"{LOOK}/{name}.png", full_page=True)
    assert visit.is_within(), name
    assert visit.axe() == [], name


def planned(visit: Visit) -> str:
    """The value of the goal, once a plan is there."""
    visit.page.wait_for_selector("#work:not(.busy) .hero .big")
    visit.page.wait_for_load_state("networkidle")
    return str(visit.page.inner_text(".hero .big"))


@pytest.mark.parametrize("size", SIZES)
def test_a_planner_drops_an_export_gets_a_plan_bans_a_creator_compares_and_downloads_excel(
    visit: Callable[..., Visit], size: str, tmp_path: Path
) -> None:
    at = visit(size, accept_downloads=True)
    page = at.page
    at.go("/")
    look(at, f"{size}-home")
    page.set_input_files("#file", POOL)
    page.fill("#name", "Spring")
    page.click("form[data-drop] button.main")
    page.wait_for_url("**/start")
    page.wait_for_selector("#doubts + div :not(progress)")
    page.wait_for_load_state("networkidle")
    look(at, f"{size}-start")
    page.fill("#budget", "3 000")
    page.click("text=Show me the plan")
    first = planned(at)
    page.locator("#pictures-title").scroll_into_view_if_needed()
    page.wait_for_selector(".pictures svg")
    look(at, f"{size}-plan")

    who = page.locator("table.roster tbody th").first.inner_text()
    page.click("[data-opens=save-form]")
    page.fill("#save-name", "With all")
    page.click("#save-form button.main")
    page.wait_for_selector("[data-saved]", state="attached")

    page.locator("table.roster button[name=leave_out]").first.click()
    page.wait_for_selector(f'.chip:has-text("{who}")')
    second = planned(at)
    assert who not in page.locator("table.roster tbody th").all_inner_texts()
    assert float(second.replace(",", "")) <= float(first.replace(",", ""))
    look(at, f"{size}-banned")
    page.click("[data-opens=save-form]")
    page.fill("#save-name", "Without the first")
    page.fill("#save-notes", "in case they say no")
    page.click("#save-form button.main")
    page.wait_for_selector("[data-saved]", state="attached")

    page.click(".tabs >> text=Saved plans")
    look(at, f"{size}-saved")
    page.click("text=Compare those that are ticked")
    page.wait_for_selector(".told table")
    assert "Without the first" in page.inner_text(".told")
    look(at, f"{size}-compare")

    page.click(".tabs >> text=Saved plans")
    page.click(".plans a:has-text('Without the first')")
    page.click("details.menu > summary")
    with page.expect_download() as waiting:
        page.click("text=Excel workbook")
    file = tmp_path / "plan.xlsx"
    waiting.value.save_as(file)
    assert waiting.value.suggested_filename == "spring-plan.xlsx"
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()), read_only=True)
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert who not in cells
    assert at.page.locator("table.roster tbody th").first.inner_text() in cells
    at.is_clean()
