"""A file of creators that is handed in: corrected where its faults are shown, and a workbook with several sheets."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.service.pages.conftest import Site

_ROWS = "".join(f"@name{n};{n} 000;{n}50,00;90\n" for n in range(2, 12))
FAULTY = f"Pseudo;Abonnés;Tarif;Engagements\n@ana;2 000;35O,00;90\n{_ROWS}".encode()


def start(site: Site, content: bytes, name: str = "pool.csv", **form: str) -> Any:
    return site.post("/start", form, files={"file": (name, content)})


def again(site: Site, scenario: str, content: bytes) -> Any:
    match = site.service.scenarios.get(scenario).etag
    return site.post(f"/s/{scenario}/start", {"match": match}, files={"file": ("corrected.csv", content)})


def test_a_faulty_file_is_corrected_where_its_faults_are_shown(site: Site) -> None:
    page = start(site, FAULTY)
    scenario = page.url.path.split("/")[2]
    assert "Next: correct the file" in page.text
    assert 'name="budget"' not in page.text
    page = again(site, scenario, FAULTY.replace(b"35O", b"350").replace(b"Engagements", b"Vues"))
    assert page.url.path == f"/s/{scenario}/start"
    assert 'name="budget"' in page.text
    kept = site.service.scenarios.get(scenario)
    assert b"350,00" in site.service.scenarios.file(scenario, "pool.csv")[0]
    assert set(kept.files) == {"scenario.yaml", "pool.csv"}
    assert b"average_views: Vues" in site.service.scenarios.file(scenario, kept.main)[0]


def test_a_corrected_file_leaves_a_text_that_was_changed_as_it_is(site: Site) -> None:
    scenario = start(site, FAULTY).url.path.split("/")[2]
    kept = site.service.scenarios.get(scenario)
    text = site.service.scenarios.file(scenario, kept.main)[0] + b"# mine\n"
    site.service.scenarios.write(scenario, {kept.main: text}, match=kept.etag)
    again(site, scenario, FAULTY.replace(b"35O", b"350"))
    assert site.service.scenarios.file(scenario, kept.main)[0] == text


def test_a_corrected_file_that_cannot_be_read_changes_nothing(site: Site) -> None:
    scenario = start(site, FAULTY).url.path.split("/")[2]
    assert again(site, scenario, b"\x00\x01").status_code == 422
    assert again(site, scenario, b"").status_code == 422
    assert site.service.scenarios.file(scenario, "pool.csv")[0] == FAULTY
    assert site.get(f"/s/{scenario}/start").status_code == 200
    assert again(site, site.example(), FAULTY).status_code == 422


def test_of_several_sheets_the_one_that_is_named_is_read(site: Site) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for name, who in (("Instagram", "@ana"), ("TikTok", "@bea")):
        sheet = book.create_sheet(name)
        for row in (["Handle", "Followers", "Fee"], [who, 2_000, 100], [f"{who}2", 3_000, 150]):
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    refused = start(site, held.getvalue(), "two.xlsx")
    assert refused.status_code == 422
    assert "Instagram, TikTok" in refused.text
    assert "say which one: with its name" in refused.text
    assert "--sheet" not in refused.text
    page = start(site, held.getvalue(), "two.xlsx", sheet="tiktok")
    assert page.status_code == 200
    assert "@bea" in page.text
    assert "@ana" not in page.text
    assert start(site, held.getvalue(), "two.xlsx", sheet="TikTok", header="x").status_code == 422
