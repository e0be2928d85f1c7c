"""A service on this machine, and a browser that calls it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = Path("/usr/bin/chromium")
SIZES = {"laptop": (1366, 768), "phone": (390, 844)}
NARROW = {"small phone": (360, 780)}
_QUIET = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
_LOCAL = ("127.0.0.1", "localhost")


@dataclass(eq=False)
class Visit:
    """A page of a browser, with all that went wrong and everybody that was called."""

    page: Any
    base: str
    called: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def go(self, path: str = "/") -> None:
        self.page.goto(self.base + path)

    def axe(self) -> list[str]:
        """What an accessibility checker finds serious."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in serious]

    def is_within(self) -> bool:
        """Whether the page is no wider than the screen."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))

    def is_clean(self) -> None:
        """Nobody else was called, nothing broke, no script of others ran."""
        hosts = {urlsplit(one).hostname for one in self.called if not one.startswith("data:")}
        assert hosts <= {*_LOCAL}
        assert self.faults == []


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service."""
    uvicorn = pytest.importorskip("uvicorn", reason="the extra server is not installed")
    from optimizer.service.app import create_app
    from optimizer.service.settings import Settings

    app = create_app(Settings(tmp_path_factory.mktemp("store") / "store.db"))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no chromium at {CHROMIUM}")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=str(CHROMIUM), args=_QUIET.split(), headless=True)
        yield found
        found.close()


@pytest.fixture
def visit(service: str, browser: Any) -> Iterator[Callable[..., Visit]]:
    """Opens pages at a width, in a language, by day or by night."""
    contexts = []

    def opened(size: str = "laptop", **more: Any) -> Visit:
        width, height = (SIZES | NARROW)[size]
        context = browser.new_context(viewport={"width": width, "height": height}, **{"locale": "en", **more})
        context.set_default_timeout(60_000)
        contexts.append(context)
        found = Visit(context.new_page(), service)
        found.page.on("request", lambda one: found.called.append(one.url))
        found.page.on("pageerror", lambda one: found.faults.append(str(one)))
        found.page.on("console", lambda one: found.faults.append(one.text) if one.type == "error" else None)
        found.page.on("dialog", lambda one: found.faults.append(f"dialog: {one.message}") or one.dismiss())
        return found

    yield opened
    for context in contexts:
        context.close()
