"""Who may ask, from where, and with how much."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from optimizer.service.guard import Guard
from optimizer.service.settings import Settings
from tests.service.serving import Client, client

TOKEN = "a-token-of-this-service"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "localhost.evil.example"])
def test_a_name_that_was_made_to_point_here_is_refused(client: Client, host: str) -> None:
    answer = client.get("/v1/scenarios", headers={"Host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:9000", "LOCALHOST"])
def test_names_of_this_machine_are_answered(client: Client, host: str) -> None:
    assert client.get("/v1/scenarios", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:99", "file://"])
def test_a_page_of_another_site_can_do_nothing(client: Client, origin: str) -> None:
    answer = client.post("/v1/scenarios", json={"files": {"scenario.yaml": ""}}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert client.get("/v1/scenarios").json() == []


@pytest.mark.parametrize("origin", ["http://[", "http://]", "http://[::1", ""])
def test_an_origin_that_cannot_be_read_is_another_site(client: Client, origin: str) -> None:
    assert client.get("/v1/scenarios", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("length", ["9" * 5_000, "-1", "one", "1e3", ""])
def test_a_length_that_cannot_be_is_refused(client: Client, length: str) -> None:
    assert client.post("/v1/scenarios", content=b"{}", headers={"Content-Length": length}).status_code == 413


def test_a_form_of_another_site_without_an_origin_is_refused_too(client: Client) -> None:
    for site in ("cross-site", "same-site"):
        answer = client.post("/v1/forget", json={"creator": "@ana"}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403


def test_our_own_page_may_ask(client: Client) -> None:
    headers = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/v1/scenarios", json={"files": {"scenario.yaml": ""}}, headers=headers).status_code == 201


def test_a_large_request_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with client(tmp_path, body_mb=1) as found:
        scenario = found.made()
        path, headers = f"/v1/scenarios/{scenario}/files/big.csv", {"If-Match": "*"}
        assert found.put(path, content=b"x" * 1_000_001, headers=headers).status_code == 413
        chunks = (b"x" * 100_000 for _ in range(11))
        assert found.put(path, content=chunks, headers=headers).status_code == 413
        assert found.put(path, content=b"x" * 1_000_000, headers=headers).status_code == 200


ID = "0" * 32


@pytest.mark.parametrize(
    ("method", "path", "kind", "most"),
    [
        ("POST", f"/v1/scenarios/{ID}/check", "application/json", 1_000_000),
        ("POST", f"/v1/scenarios/{ID}/plans", "application/json", 1_000_000),
        ("PATCH", f"/v1/scenarios/{ID}", "application/json", 1_000_000),
        ("POST", "/v1/forget", "application/json", 1_000_000),
        ("POST", f"/s/{ID}/work", "application/x-www-form-urlencoded", 1_000_000),
        ("POST", f"/s/{ID}/text", "application/x-www-form-urlencoded", 1_000_000),
        ("POST", f"/s/{ID}/text", "multipart/form-data; boundary=x", 1_000_000),
        ("POST", "/start", "application/x-www-form-urlencoded", 1_000_000),
        ("POST", f"/v1/scenarios/{ID}/files/{ID}", "application/json", 1_000_000),
        ("GET", "/v1/scenarios", "application/json", 1_000_000),
        ("POST", "/login", "application/x-www-form-urlencoded", 2_000),
        ("POST", "/v1/scenarios", "application/json", 1_000_000),
        ("POST", "/v1/scenarios", "multipart/form-data; boundary=x", 1_000_000),
        ("POST", "/v1/scenarios/uploaded", "application/json", 1_000_000),
        ("POST", "/v1/scenarios/uploaded", "multipart/form-data; boundary=x", 3_000_000),
        ("POST", "/v1/scenarios/started", "application/octet-stream", 3_000_000),
        ("PUT", f"/v1/scenarios/{ID}/files/data/big.csv", "text/csv", 3_000_000),
        ("POST", "/start", "multipart/form-data; boundary=x", 3_000_000),
        ("POST", f"/s/{ID}/files", "multipart/form-data; boundary=x", 3_000_000),
    ],
)
def test_only_files_may_be_large(tmp_path: Path, method: str, path: str, kind: str, most: int) -> None:
    limit = {2_000: "2 kB", 1_000_000: "1 MB", 3_000_000: "3 MB"}[most]
    with client(tmp_path, body_mb=3) as found:
        headers = {"Content-Type": kind}
        assert found.request(method, path, content=b" " * most, headers=headers).status_code != 413
        answer = found.request(method, path, content=b" " * (most + 1), headers=headers)
        assert (answer.status_code, answer.json()["title"]) == (413, f"a request may hold {limit} here")


@pytest.mark.parametrize("said", [b" " * 1_000_001, (b" " * 100_000 for _ in range(11))], ids=["whole", "in parts"])
def test_a_scenario_that_is_too_large_for_json_is_told_another_way_in(client: Client, said: Any) -> None:
    answer = client.post("/v1/scenarios", content=said, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "/v1/scenarios/uploaded" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("POST", f"/v1/scenarios/{ID}/check", 1_000_000),
        ("PATCH", f"/v1/scenarios/{ID}", 1_000_000),
        ("POST", "/login", 2_000),
        ("POST", "/v1/scenarios", 1_000_000),
        ("POST", "/v1/scenarios/started?file=creators.csv", 3_000_000),
    ],
)
def test_a_request_that_does_not_say_its_length_is_cut_off(tmp_path: Path, method: str, path: str, most: int) -> None:
    with client(tmp_path, body_mb=3) as found:
        headers = {"Content-Type": "application/json"}
        chunks = (b" " * (most // 10) for _ in range(10))
        assert found.request(method, path, content=chunks, headers=headers).status_code not in (400, 413)
        chunks = (b" " * (most // 10) for _ in range(11))
        answer = found.request(method, path, content=chunks, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


@pytest.mark.parametrize(
    ("pause", "silent", "about"),
    [(0.001, 1_000_000, "the request took too long to come"), (1_000_000, 0.01, "the request stopped in the middle")],
)
def test_a_body_that_never_ends_is_given_up(tmp_path: Path, pause: float, silent: float, about: str) -> None:
    answers: list[Any] = []

    async def app(_: Any, receive: Any, __: Any) -> None:
        while (await receive())["more_body"]:
            pass

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Any) -> None:
        answers.append(message)

    guard = Guard(app, Settings(tmp_path / "store.db"))
    guard.silent_seconds, guard.body_seconds = silent, 0.0
    scope = {"type": "http", "method": "POST", "path": "/v1/scenarios/1/check", "headers": [(b"host", b"localhost")]}
    asyncio.run(guard(scope, receive, send))
    assert answers[0]["status"] == 408
    assert json.loads(answers[1]["body"])["title"] == about


def test_every_answer_forbids_what_pages_do_not_need(client: Client) -> None:
    for path in ("/v1/scenarios", "/v1/jobs/x", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_a_service_that_others_reach_needs_a_token(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="token"):
        Settings(tmp_path / "store.db", hosts=("plan.example",))
    for token in ("short", "with spaces in it, many", "é" * 20):
        with pytest.raises(ValueError, match="token"):
            Settings(tmp_path / "store.db", token=token)
    assert TOKEN not in repr(Settings(tmp_path / "store.db", token=TOKEN))


def test_without_the_token_there_is_nothing_but_health(tmp_path: Path) -> None:
    with client(tmp_path, token=TOKEN, hosts=("127.0.0.1", "plan.example")) as found:
        assert found.get("/v1/health/live").status_code == 200
        for path in ("/v1/scenarios", "/metrics", "/v1/openapi.json", "/"):
            assert found.get(path).status_code == 401, path
        for said in ("Bearer wrong-token-of-this-service", f"Basic {TOKEN}", TOKEN):
            assert found.get("/v1/scenarios", headers={"Authorization": said}).status_code == 401
        assert found.get("/v1/scenarios", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        there = found.get("/", headers={"Accept": "text/html"}, follow_redirects=False)
        assert (there.status_code, there.headers["location"]) == (303, "/login")


def test_a_browser_shows_the_token_once(tmp_path: Path) -> None:
    with client(tmp_path, token=TOKEN, hosts=("127.0.0.1",)) as found:
        assert "token" in found.get("/login").text
        assert found.post("/login", data={"token": "<b>wrong</b>"}).status_code == 403
        entered = found.post("/login", data={"token": TOKEN}, follow_redirects=False)
        assert entered.status_code == 303
        assert TOKEN not in entered.headers["set-cookie"]
        for said in ("HttpOnly", "SameSite=strict"):
            assert said in entered.headers["set-cookie"]
        assert found.get("/v1/scenarios").status_code == 200
