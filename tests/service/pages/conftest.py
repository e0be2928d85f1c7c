"""A service and a client that asks it for pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra server is not installed")

from fastapi.testclient import TestClient

from optimizer.service.app import create_app
from optimizer.service.settings import Settings

POOL = Path(__file__).parents[3] / "optimizer/cli/starter/creators.csv"
HTMX = {"hx-request": "true"}


class Site:
    """Pages as a browser asks for them."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.service = client.app.state.service

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.post(path, data=data or {}, **more)

    def example(self) -> str:
        """The id of an example that was opened."""
        return str(self.post("/example", follow_redirects=False).headers["location"]).rsplit("/", 1)[-1]

    def work(self, scenario: str, **form: str) -> str:
        """The plan of a question as a part of a page, once it is there."""
        return self.work_in(scenario, HTMX, **form)

    def work_in(self, scenario: str, headers: dict[str, str], **form: str) -> str:
        """The same with headers of one's own, such as a language."""
        text = self.post(f"/s/{scenario}/work", form, headers=headers).text
        while found := re.search(r'id="progress".*?hx-get="([^"]+)"', text, re.DOTALL):
            text = self.get(unescape(found[1]), headers=headers).text
        return str(text)

    def told(self, answer: Any) -> str:
        """What is worked out on demand, once it is there."""
        text = answer.text
        while found := re.search(r'hx-get="([^"]+/told)"', text):
            text = self.get(unescape(found[1]), headers=HTMX).text
        return str(text)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A service with an empty store, and a folder with one scenario."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with TestClient(create_app(Settings(tmp_path / "store.db", folder)), base_url="http://127.0.0.1") as client:
        yield Site(client)


def value_of(page: str) -> float:
    """The value of the goal that a page shows."""
    found = re.search(r'class="big">([\d,.]+)', page)
    assert found, page[:2000]
    return float(found[1].replace(",", ""))


def case_of(page: str) -> str:
    """The question that a page shows."""
    found = re.search(r'id="go".*?name="case" value="([^"]*)"', page, re.DOTALL)
    assert found
    return unescape(found[1])


def job_of(page: str) -> str:
    """The job whose plan a page shows."""
    found = re.search(r"/jobs/([0-9a-f]{32})/pictures", page)
    assert found
    return found[1]
