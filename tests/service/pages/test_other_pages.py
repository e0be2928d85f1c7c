"""The first page, the text, the files, languages, names that are meant to do harm, and a service below a path."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from optimizer.service.app import create_app
from optimizer.service.pages import home
from optimizer.service.settings import Settings
from tests.cli.hostile import CORPUS
from tests.report.pages import VOID, Page
from tests.service.pages.conftest import HTMX, Site, job_of, value_of

HOSTILE = [
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example","x")',
    "../../etc/passwd",
    '"><img src=x onerror=alert(1)>',
]
SCENARIO = """format: 1
name: Small
currency: EUR
budget: 500
objective: {maximize: engagements}
creators: creators.csv
"""


def made(site: Site, names: list[str], text: str = SCENARIO, name: str = "small") -> str:
    rows = "".join(
        f'"{name.replace(chr(34), chr(34) * 2)}",{100 + at},{10 + at},food\n' for at, name in enumerate(names)
    )
    pool = "creator,average_engagements,fee,niche\n" + rows
    return site.service.scenarios.make(
        name, "scenario.yaml", {"scenario.yaml": text.encode(), "creators.csv": pool.encode()}
    ).id


def text_of(site: Site, scenario: str) -> str:
    return site.service.scenarios.file(scenario, "scenario.yaml")[0].decode()


# --- names ---


def test_hostile_names_stand_in_the_page_as_text(site: Site) -> None:
    scenario = made(
        site,
        [*HOSTILE, *[one for one in CORPUS if "\n" not in one and "\r" not in one and "\0" not in one][:20]],
        name=HOSTILE[0],
    )
    page = site.get(f"/s/{scenario}").text + site.work(scenario) + site.get("/").text
    assert "<script>alert" not in page
    assert "<img" not in page
    for script in re.findall(r"<script[^>]*>", page):
        assert "src=" in script
    assert "onerror=alert" not in re.sub(r"&quot;|&#34;|&lt;|&gt;", "", "".join(re.findall(r"<[a-z][^>]*>", page)))


def test_a_whole_page_is_well_formed(site: Site) -> None:
    scenario = made(site, HOSTILE)
    text = site.post(f"/s/{scenario}/work").text
    VOID.update({"link", "input", "img"})
    found = Page(text)
    assert found.headings[0] == 1
    labels = {attributes.get("for") for tag, attributes in found.tags if tag == "label"}
    fields = [
        a
        for tag, a in found.tags
        if tag in ("input", "select", "textarea") and a.get("type") not in ("hidden", "submit")
    ]
    assert [one for one in fields if one.get("id") not in labels] == []
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len({*ids})


def test_hostile_names_are_kept_left_out_and_told_of(site: Site) -> None:
    scenario = made(site, HOSTILE)
    for name in HOSTILE:
        page = site.work(scenario, leave_out=name)
        assert unescape(page).count(name) >= 1
        assert f'name="leave_out" value="{name}"' not in unescape(page)
        assert value_of(site.work(scenario, book=name)) > 0


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/pages.py", "/static/"])
def test_only_what_pages_load_is_served(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404


@pytest.mark.parametrize("name", ["../x.csv", "..", "a/../b", ".hidden", "a\\b", "x" * 300])
def test_a_file_cannot_be_anywhere_else(site: Site, name: str) -> None:
    scenario = site.example()
    match = site.service.scenarios.get(scenario).etag
    answer = site.post(f"/s/{scenario}/files", {"match": match, "name": name}, files={"file": ("a.csv", b"x")})
    assert answer.status_code == 422
    assert "traceback" not in answer.text.lower()


# --- the text ---


def test_the_text_is_checked_before_it_is_saved_and_faults_stand_at_their_lines(site: Site) -> None:
    scenario = made(site, ["a", "b"])
    good = site.post(f"/s/{scenario}/text/check", {"text": SCENARIO}, headers=HTMX).text
    assert "no fault" in good
    bad = site.post(f"/s/{scenario}/text/check", {"text": SCENARIO.replace("budget", "budgt")}, headers=HTMX).text
    assert 'data-line="4"' in bad
    assert "did you mean" in bad
    assert "/tmp" not in bad
    assert text_of(site, scenario) == SCENARIO
    assert value_of(site.work(scenario)) > 0  # the draft is gone


def test_the_text_is_saved_as_it_was_written_and_a_clash_shows_both(site: Site) -> None:
    scenario = made(site, ["a", "b"])
    match = site.service.scenarios.get(scenario).etag
    mine = SCENARIO.replace("500", "400  # é").replace("\n", "\r\n")  # as browsers send it
    assert site.post(f"/s/{scenario}/text", {"text": mine, "match": match}).status_code == 200
    assert text_of(site, scenario) == SCENARIO.replace("500", "400  # é")
    clash = site.post(f"/s/{scenario}/text", {"text": SCENARIO.replace("500", "300"), "match": match})
    assert clash.status_code == 409
    assert "budget: 300" in clash.text
    assert "budget: 400" in clash.text
    assert text_of(site, scenario) == SCENARIO.replace("500", "400  # é")
    again = re.search(r'name="match" value="([^"]+)"', clash.text)
    assert again
    assert site.post(f"/s/{scenario}/text", {"text": SCENARIO, "match": again[1]}).status_code == 200


def test_a_text_with_ends_of_lines_of_another_kind_keeps_them(site: Site) -> None:
    scenario = made(site, ["a", "b"], SCENARIO.replace("\n", "\r\n"))
    match = site.service.scenarios.get(scenario).etag
    site.post(f"/s/{scenario}/text", {"text": SCENARIO.replace("500", "400").replace("\n", "\r\n"), "match": match})
    assert text_of(site, scenario) == SCENARIO.replace("500", "400").replace("\n", "\r\n")


def test_a_variant_is_written_and_planned(site: Site) -> None:
    scenario = made(site, ["a", "b", "c"])
    match = site.service.scenarios.get(scenario).etag
    case = "set=" + '["budget", "20"]' + "&out=a"
    answer = site.post(f"/s/{scenario}/variant", {"name": "lean", "case": case, "match": match}, follow_redirects=False)
    assert answer.headers["location"] == f"/s/{scenario}?variant=lean"
    assert text_of(site, scenario) == SCENARIO + "\nvariants:\n  lean:\n    budget: 20\n    exclude: [a]\n"
    assert "20.00 EUR" in site.work(scenario, case="variant=lean")
    late = site.post(f"/s/{scenario}/variant", {"name": "leaner", "case": case, "match": match})
    assert late.status_code == 412


def test_a_variant_that_does_not_load_is_not_written(site: Site) -> None:
    scenario = made(site, ["a", "b", "c"])
    match = site.service.scenarios.get(scenario).etag
    case = "set=" + '["budget", "a lot"]'
    assert site.post(f"/s/{scenario}/variant", {"name": "x", "case": case, "match": match}).status_code >= 400
    assert text_of(site, scenario) == SCENARIO


def test_a_scenario_with_faults_shows_them_and_leads_to_its_text(site: Site) -> None:
    scenario = made(site, ["a"], SCENARIO.replace("budget", "budgt"))
    page = site.work(scenario)
    assert "scenario.yaml:4" in page
    assert f"/s/{scenario}/text" in page


# --- files and scenarios ---


def test_files_are_added_replaced_downloaded_and_removed(site: Site) -> None:
    scenario = site.example()
    match = site.service.scenarios.get(scenario).etag
    site.post(f"/s/{scenario}/files", {"match": match, "name": ""}, files={"file": ("notes & more.txt", b"hello")})
    page = site.get(f"/s/{scenario}/files").text
    found = re.search(rf'href="(/v1/scenarios/{scenario}/files/notes[^"]+)"', page)
    assert found
    assert site.get(unescape(found[1])).content == b"hello"
    match = site.service.scenarios.get(scenario).etag
    site.post(f"/s/{scenario}/files/remove", {"match": match, "name": "notes & more.txt"})
    assert "notes & more.txt" not in site.service.scenarios.get(scenario).files


def test_a_scenario_is_renamed_and_deleted(site: Site) -> None:
    scenario = site.example()
    match = site.service.scenarios.get(scenario).etag
    site.post(f"/s/{scenario}/rename", {"name": "Autumn <b>", "match": match})
    assert "Autumn &lt;b&gt;" in site.get("/").text
    site.post(f"/s/{scenario}/delete")
    assert site.get(f"/s/{scenario}").status_code == 404
    assert site.get(f"/s/{scenario}").headers["content-type"].startswith("text/html")


def test_a_scenario_of_the_folder_is_opened_as_a_copy(site: Site) -> None:
    folder = site.service.settings.folder
    (folder / "mine.yaml").write_text(SCENARIO)
    (folder / "creators.csv").write_text("creator,average_engagements,fee\na,1,1\n")
    assert "mine.yaml" in site.get("/").text
    page = site.post("/open", {"name": "mine.yaml"})
    assert page.status_code == 200
    assert site.post("/open", {"name": "../mine.yaml"}).status_code == 404


def test_a_scenario_of_yaml_can_be_dropped_as_well(site: Site) -> None:
    page = site.post("/start", files={"file": ("C:\\plans\\my.yaml", SCENARIO.encode())})
    assert page.url.path.endswith("/files")
    assert "my.yaml" in page.text


def test_a_creator_is_forgotten_only_once_that_is_confirmed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []

    def forget(service: object, creator: str) -> dict[str, object]:
        forgotten.append(creator)
        return {"files": ["Spring/creators.csv"], "plans": 2, "jobs": 3, "remaining": ["Spring/notes.txt"]}

    monkeypatch.setattr(home, "forget", forget)
    asked = site.post("/forget", {"creator": "@ana <b>"})
    assert "Forget @ana &lt;b&gt; for good?" in asked.text
    assert forgotten == []
    done = site.post("/forget", {"creator": "@ana <b>", "sure": "1"})
    assert forgotten == ["@ana <b>"]
    assert "Spring/creators.csv" in done.text
    assert "These still name @ana &lt;b&gt;; change or rename them: Spring/notes.txt" in done.text
    assert site.post("/forget", {"creator": "  ", "sure": "1"}).status_code == 200
    assert len(forgotten) == 1


# --- languages ---


def test_a_language_is_kept_once_it_is_chosen(site: Site) -> None:
    assert 'lang="en"' in site.get("/").text
    assert "Qui réserver" in site.get("/", headers={"accept-language": "fr-FR"}).text
    assert "Qui réserver" in site.get("/?language=fr").text
    page = site.get("/").text
    assert '<html lang="fr">' in page
    scenario = site.example()
    assert "très probablement" in site.work(scenario)


# --- below a path ---


def test_pages_work_below_a_path_of_another_application(tmp_path: Path) -> None:
    outer = FastAPI()
    app = create_app(Settings(tmp_path / "store.db"))
    outer.mount("/tools/mix", app)
    with TestClient(outer, base_url="http://127.0.0.1") as client:
        found = Site.__new__(Site)
        found.client, found.service = client, app.state.service
        answer = client.post("/tools/mix/example", follow_redirects=False)
        at = answer.headers["location"]
        assert at.startswith("/tools/mix/s/")
        page = client.get(at).text
        for link in re.findall(r'(?:href|src|action|hx-post|hx-get)="(/[^"]*)"', page):
            assert link.startswith("/tools/mix/"), link
        assert client.get(re.findall(r'href="(/[^"]*pages.css[^"]*)"', page)[0]).status_code == 200
        work = client.post(f"{at}/work", headers=HTMX)
        assert work.headers["hx-replace-url" if "again" in work.request.content.decode() else "hx-push-url"] == at
    app.state.service.jobs.end()


def test_what_is_not_there_is_a_page_of_its_own(site: Site) -> None:
    page = site.get(f"/s/{'0' * 32}")
    assert page.status_code == 404
    assert "there is no such scenario" in page.text
    part = site.post(f"/s/{'0' * 32}/work", headers=HTMX)
    assert part.headers["hx-retarget"] == "#messages"
    assert "<html" not in part.text


def test_the_answer_that_a_page_showed_can_be_looked_at_again(site: Site) -> None:
    scenario = made(site, ["a", "b"])
    page = site.work(scenario)
    again = site.get(f"/s/{scenario}/jobs/{job_of(page)}/work", headers=HTMX)
    assert again.headers["hx-retarget"] == "#work"
    assert value_of(again.text) == value_of(page)
