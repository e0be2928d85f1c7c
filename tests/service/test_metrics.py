"""What Prometheus reads."""

from __future__ import annotations

import re
import sqlite3

import pytest

from tests.service.serving import Client


def test_metrics_have_the_form_that_prometheus_reads(client: Client) -> None:
    client.asked(client.made(), "plan")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    line = re.compile(r"# (HELP|TYPE) \w+ .+|\w+(\{(\w+=\"[^\"]*\",?)*\})? [0-9.e+]+")
    assert all(line.fullmatch(one) for one in answer.text.splitlines())
    assert 'creatormix_jobs_total{state="done",verb="plan"}' in answer.text
    assert "creatormix_jobs_running 0" in answer.text


def test_a_store_that_cannot_be_written_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/v1/health/ready").json() == {"status": "ready"}

    def refuse() -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(client.service.database, "transaction", refuse)
    assert client.get("/v1/health/ready").status_code == 507
    assert client.get("/v1/health/live").json() == {"status": "alive"}
    answer = client.post("/v1/scenarios", json={"files": {"scenario.yaml": ""}})
    assert (answer.status_code, answer.json()["title"]) == (507, "the store cannot be written")
