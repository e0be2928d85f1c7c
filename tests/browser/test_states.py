"""Each state of the pages in a real browser: clear to an accessibility checker, and deaf to hostile names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import SIZES, Visit
from tests.browser.test_story import look, planned

pytestmark = pytest.mark.browser
HOSTILE = ["<script>document.title='x'</script>", '=HYPERLINK("http://evil.example")', "../../etc/passwd"]
BOLD = "<img src=x onerror=\"document.title='x'\">"
MOODS = [
    pytest.param("laptop", {"color_scheme": "dark"}, id="laptop, dark"),
    pytest.param("small phone", {"color_scheme": "light", "locale": "fr"}, id="phone, French"),
]


def opened(at: Visit) -> Visit:
    """The example, planned."""
    at.go("/")
    at.page.click(".example button")
    planned(at)
    return at


@pytest.mark.parametrize(("size", "more"), MOODS)
def test_what_if_conflicts_repairs_and_the_text(
    visit: Callable[..., Visit], size: str, more: dict[str, str], request: pytest.FixtureRequest
) -> None:
    at = opened(visit(size, **more))
    page, name = at.page, request.node.callspec.id.replace(", ", "-").lower()
    look(at, f"{name}-plan")

    page.locator("[data-what]").first.click()
    page.click("[data-do=explain]")
    page.wait_for_selector("#what-told .told")
    look(at, f"{name}-fee")
    page.keyboard.press("Escape")

    if not page.locator("#add-rule").is_visible():
        page.click("#question > summary")
    page.click("#add-rule > summary")
    page.select_option("#add-quantity", "creators")
    page.select_option("#add-bound", "at_least")
    page.fill("#add-amount", "50")
    page.click("#add-rule form button")
    page.wait_for_selector(".ways")
    look(at, f"{name}-conflict")
    page.locator(".ways button").first.click()
    planned(at)
    assert page.locator(".chip").count() == 1

    page.click("#save-variant > summary")
    page.fill("#variant-name", "many")
    page.click("#save-variant form button")
    page.wait_for_url("**variant=many**")
    planned(at)

    page.locator(".tabs a").nth(2).click()
    page.wait_for_selector("#text-messages .good")
    assert "  many:\n" in page.input_value("#text")
    page.fill("#text", page.input_value("#text").replace("budget: 4_000", "budgt: 4_000"))
    page.wait_for_selector("[data-faults] [data-line='6']")
    assert page.locator(".gutter .fault").all_inner_texts() == ["6"]
    look(at, f"{name}-fault")
    page.click("[data-goto]")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.press("Tab")  # which is not caught by the editor
    assert page.evaluate("document.activeElement.id") != "text"
    at.is_clean()


@pytest.mark.parametrize("size", SIZES)
def test_hostile_names_do_nothing(visit: Callable[..., Visit], size: str, tmp_path: Path) -> None:
    at = visit(size)
    page = at.page
    names = [*HOSTILE, BOLD]
    pool = tmp_path / "creators.csv"
    cells = [
        '"' + name.replace('"', '""') + f'",{200 + number},{20 + number},{HOSTILE[0]}'
        for number, name in enumerate(names)
    ]
    pool.write_text("\n".join(["creator,average_engagements,fee,niche", *cells, "ana,100,10,food"]))
    at.go("/")
    page.set_input_files("#file", pool)
    page.fill("#name", HOSTILE[0])
    page.click("form[data-drop] button.main")
    page.wait_for_url("**/start")
    page.fill("#budget", "500")
    page.click("text=Show me the plan")
    planned(at)
    assert {*page.locator("table.roster tbody th").all_inner_texts()} >= {*names}
    page.locator("#pictures-title").scroll_into_view_if_needed()
    page.wait_for_selector(".pictures svg")
    page.click("#part-report > summary")
    page.wait_for_selector("#whole-report section")
    for number in range(2, 6):  # beside the budget
        page.locator("[data-what]").first.click()
        assert page.inner_text("#what-name") in [*names, "ana"]
        page.click("[data-do=leave_out]")
        page.locator(".chip").nth(number - 1).wait_for()
        planned(at)
    page.click("[data-opens=save-form]")
    page.fill("#save-name", BOLD)
    page.click("#save-form button.main")
    page.wait_for_selector("[data-saved]", state="attached")
    page.click(".tabs >> text=Saved plans")
    assert BOLD in page.inner_text(".plans")
    assert page.title().startswith("Saved plans")
    at.is_clean()


def test_the_roster_is_sorted_and_filtered_by_keyboard(visit: Callable[..., Visit]) -> None:
    at = opened(visit())
    page = at.page
    heads = page.locator("table.roster thead th")
    spend = next(n for n, text in enumerate(heads.all_inner_texts()) if text.startswith("spend"))

    def shown() -> list[float]:
        cells = page.locator(f"table.roster tbody tr:not([hidden]) > :nth-child({spend + 1})").all_inner_texts()
        return [float(one.replace(",", "")) for one in cells]

    button = heads.nth(spend).locator("button")
    button.focus()
    page.keyboard.press("Enter")
    assert heads.nth(spend).get_attribute("aria-sort") == "descending"
    assert shown() == sorted(shown(), reverse=True)
    page.keyboard.press("Enter")
    assert heads.nth(spend).get_attribute("aria-sort") == "ascending"
    assert shown() == sorted(shown())
    everybody = len(shown())
    page.get_by_label("tier").select_option("micro")
    micro = len(shown())
    assert 0 < micro < everybody
    assert page.inner_text("[data-count]") == str(micro)
    page.fill("#filter", "nobody is called this")
    assert shown() == []
    assert page.is_visible("[data-none]")
    at.is_clean()


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_on_a_laptop_no_column_of_the_roster_is_under_the_buttons(visit: Callable[..., Visit], locale: str) -> None:
    page = opened(visit(locale=locale)).page
    table = page.locator("table.roster")
    assert "M" in table.locator("thead").inner_text(), "the widest roster has measured figures beside expected ones"
    wide, seen = table.evaluate("one => [one.scrollWidth, one.parentElement.clientWidth]")
    assert wide <= seen


def test_back_leads_to_the_question_before(visit: Callable[..., Visit]) -> None:
    at = opened(visit())
    page = at.page
    before = page.url
    page.locator("table.roster button[name=leave_out]").first.click()
    page.wait_for_selector(".chip")
    planned(at)
    assert "out=" in page.url
    assert page.evaluate("document.activeElement.id") == "goal"
    assert "The plan is there." in page.inner_text("#status")
    page.go_back()
    page.wait_for_selector(".chip", state="detached")
    planned(at)
    assert page.url == before
    page.reload()
    planned(at)
    at.is_clean()


def test_who_said_no_to_a_saved_plan_is_replaced_with_few_changes(visit: Callable[..., Visit]) -> None:
    at = opened(visit())
    page = at.page
    page.click("[data-opens=save-form]")
    page.fill("#save-name", "May")
    page.click("#save-form button.main")
    page.wait_for_selector("[data-saved]", state="attached")
    page.locator("[data-what]").first.click()
    who = page.inner_text("#what-name")
    page.click("[data-do=declined]")
    page.wait_for_selector(".chip.fixed")
    planned(at)
    assert who not in page.locator("table.roster tbody th").all_inner_texts()
    assert page.inner_text("#changed") == "What has changed"
    look(at, "laptop-said-no")
    at.is_clean()


def test_who_said_no_to_the_plan_that_is_shown_is_replaced_as_well(visit: Callable[..., Visit]) -> None:
    at = opened(visit())
    page = at.page
    page.locator("[data-what]").first.click()
    who = page.inner_text("#what-name")
    page.click("[data-do=declined]")
    page.wait_for_selector(".chip.fixed")
    planned(at)
    assert page.inner_text(".chip.fixed") == "follows the plan before"
    assert who not in page.locator("table.roster tbody th").all_inner_texts()
    assert page.inner_text("#changed") == "What has changed"
    at.is_clean()


def test_a_page_that_closes_gives_its_work_up(visit: Callable[..., Visit]) -> None:
    at = opened(visit())
    job = f"{at.page.url}/jobs/{'0' * 32}"
    sent = at.page.evaluate(
        """job => {
          const one = document.createElement("i"), sent = [];
          one.dataset.job = job;
          document.body.append(one);
          navigator.sendBeacon = (url) => sent.push(url) > 0;
          window.dispatchEvent(new Event("pagehide"));
          return sent;
        }""",
        job,
    )
    assert sent == [f"{job}/cancel"]
