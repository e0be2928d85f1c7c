"""The service mounts in any host, below any path, without any events of a lifespan."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from optimizer.service.app import create_app
from tests.service.serving import HOME, POOL, SCENARIO, WAIT


def test_it_works_below_a_path_of_a_host_that_sends_no_events(tmp_path: Path) -> None:
    app = create_app(tmp_path / "store.db")
    host = Starlette(routes=[Mount("/tools/planner", app)])
    asks = TestClient(host, base_url=HOME)  # not entered, so that there is no lifespan
    files = {"scenario.yaml": SCENARIO, "creators.csv": POOL}
    made = asks.post("/tools/planner/v1/scenarios", json={"files": files})
    assert made.headers["location"] == f"/tools/planner/v1/scenarios/{made.json()['id']}"
    answer = asks.post(f"{made.headers['location']}/plan", json={}, headers=WAIT)
    assert answer.json()["outcome"] == "plan"
    begun = asks.post(f"{made.headers['location']}/plan", json={"gap": 0.5})
    assert asks.get(begun.headers["location"]).status_code == 200
    app.state.service.jobs.end()


def test_it_goes_on_after_a_host_has_ended_it_once(tmp_path: Path) -> None:
    app = create_app(tmp_path / "store.db")
    files = {"scenario.yaml": SCENARIO, "creators.csv": POOL}
    for _ in range(2):
        with TestClient(app, base_url=HOME) as asks:  # which begins and ends its lifespan
            made = asks.post("/v1/scenarios", json={"files": files}).json()["id"]
            assert asks.post(f"/v1/scenarios/{made}/plan", json={}, headers=WAIT).json()["outcome"] == "plan"
