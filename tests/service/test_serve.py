"""`creatormix serve` as a process: it survives being killed, frees the work of who leaves, and answers many at once."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.service.serving import POOL, SCENARIO, WAIT, process

FILES = {"scenario.yaml": SCENARIO, "creators.csv": POOL}
KILLED = 8  # times; performance/killed.py does it as often as asked
ENDLESS = {"vary": {"budget": [str(number) for number in range(10, 5_000)]}, "gap": 0, "rounds": 1_000_000}


def children(parent: int) -> list[int]:
    """The processes that a process started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(said[1]) == parent:
            found.append(int(status.parent.name))
    return found


def until(condition: object, seconds: float = 600) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_a_client_that_leaves_frees_its_work(tmp_path: Path) -> None:
    with process(tmp_path) as (server, address):
        scenario = httpx2.post(f"{address}/v1/scenarios", json={"files": FILES}).json()["id"]
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.post(f"{address}/v1/scenarios/{scenario}/sweep", json=ENDLESS, headers=WAIT, timeout=4)
        until(lambda: not children(server.pid))
        jobs = httpx2.get(f"{address}/v1/scenarios/{scenario}/jobs").json()
        assert [job["state"] for job in jobs] == ["cancelled"]


def test_a_killed_server_loses_no_saved_plan_and_leaves_no_process(tmp_path: Path) -> None:
    rng = random.Random(1)
    acknowledged: set[str] = set()
    job = scenario = ""
    for _ in range(KILLED):
        with process(tmp_path) as (server, address):
            with httpx2.Client(base_url=address) as asks:
                if not job:
                    scenario = asks.post("/v1/scenarios", json={"files": FILES}).json()["id"]
                    asks.post(f"/v1/scenarios/{scenario}/plan", json={}, headers=WAIT, timeout=60)
                    job = asks.get(f"/v1/scenarios/{scenario}/jobs").json()[0]["id"]
                known = {one["id"] for one in asks.get(f"/v1/scenarios/{scenario}/plans").json()}
                assert acknowledged <= known
                asks.post(f"/v1/scenarios/{scenario}/sweep", json=ENDLESS)
                until(lambda: children(server.pid))
                workers = children(server.pid)
                for number in range(rng.randrange(1, 12)):
                    said = asks.post(f"/v1/scenarios/{scenario}/plans", json={"job": job, "name": f"plan {number}"})
                    acknowledged.add(said.json()["id"])
                os.kill(server.pid, signal.SIGKILL)
            until(lambda: not any(Path(f"/proc/{one}/cmdline").exists() for one in workers))  # noqa: B023
    connection = sqlite3.connect(tmp_path / "store.db")
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert acknowledged <= {row[0] for row in connection.execute("SELECT id FROM plans")}
    connection.close()


def test_many_clients_at_once_get_an_answer_or_are_told_to_wait(tmp_path: Path) -> None:
    with process(tmp_path) as (_, address):
        scenario = httpx2.post(f"{address}/v1/scenarios", json={"files": FILES}).json()["id"]

        def ask(number: int) -> set[int]:
            found = set()
            with httpx2.Client(base_url=address, timeout=120) as asks:
                for _ in range(4):
                    said = {"changes": {"budget": 300 + number}}
                    found.add(asks.post(f"/v1/scenarios/{scenario}/plan", json=said, headers=WAIT).status_code)
                    found.add(asks.get("/v1/health/live").status_code)
                    found.add(asks.get(f"/v1/scenarios/{scenario}").status_code)
            return found

        with ThreadPoolExecutor(50) as pool:
            statuses = set().union(*pool.map(ask, range(50)))
        assert statuses <= {200, 429}
        assert 200 in statuses


def test_half_a_request_and_broken_ones_harm_nobody(tmp_path: Path) -> None:
    with process(tmp_path) as (_, address):
        host, _, port = address.removeprefix("http://").partition(":")
        held = []
        for said in (
            b"",
            b"GET / HT",
            b"POST /v1/scenarios HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{",
        ):
            for _ in range(20):
                one = socket.create_connection((host, int(port)))
                one.sendall(said)
                held.append(one)
        for said in (b"\x00\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"x" * 50_000 + b" HTTP/1.1\r\n\r\n"):
            with socket.create_connection((host, int(port))) as one:
                one.sendall(said)
                assert b"Traceback" not in one.recv(4_096)
        assert httpx2.get(f"{address}/v1/health/live").status_code == 200
        for one in held:
            one.close()


def test_half_sent_headers_do_not_lock_others_out(tmp_path: Path) -> None:
    with process(tmp_path) as (_, address):
        host, _, port = address.removeprefix("http://").partition(":")
        held = [socket.create_connection((host, int(port))) for _ in range(510)]
        for one in held:
            one.sendall(b"GET / HTTP/1.1\r\nHost:")
        for one in held:
            with one:
                assert one.recv(100) == b""  # closed, after as many seconds as it takes
        assert httpx2.get(f"{address}/v1/health/live", timeout=600).status_code == 200


def test_a_worker_that_is_killed_between_jobs_takes_nobody_along(tmp_path: Path) -> None:
    with process(tmp_path) as (server, address):
        scenario = httpx2.post(f"{address}/v1/scenarios", json={"files": FILES}).json()["id"]
        path = f"{address}/v1/scenarios/{scenario}/plan"
        assert httpx2.post(path, json={}, headers=WAIT, timeout=600).status_code == 200
        for number in range(3):
            for one in children(server.pid):
                os.kill(one, signal.SIGKILL)
            said = {"changes": {"budget": 300 + number}}
            answer = httpx2.post(path, json=said, headers=WAIT, timeout=600)
            assert answer.status_code in (200, 500)  # at the first job, its worker may be found dead
            assert httpx2.post(path, json=said, headers=WAIT, timeout=600).status_code == 200
        assert server.poll() is None


def test_a_client_that_leaves_in_the_middle_of_a_download_harms_nobody(tmp_path: Path) -> None:
    with process(tmp_path) as (server, address):
        scenario = httpx2.post(f"{address}/v1/scenarios", json={"files": FILES}).json()["id"]
        path = f"/v1/scenarios/{scenario}/files/large.csv"
        held = httpx2.put(f"{address}{path}", content=b"x" * 3_000_000, headers={"If-Match": "*"}, timeout=600)
        assert held.status_code == 200
        host, _, port = address.removeprefix("http://").partition(":")
        for _ in range(40):
            with socket.create_connection((host, int(port))) as one:
                one.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 2)
                assert one.recv(100).startswith(b"HTTP/1.1 200")
                one.shutdown(socket.SHUT_WR)  # the second request keeps the server from reading this
        assert httpx2.get(f"{address}/v1/health/live", timeout=600).status_code == 200
        assert server.poll() is None


def test_the_token_comes_from_a_file_or_the_environment_and_is_never_told(tmp_path: Path) -> None:
    token = "a-token-of-this-service"
    (tmp_path / "token").write_text(f"{token}\n")
    for said, env in ((("--token-file", str(tmp_path / "token")), {}), ((), {"CREATORMIX_TOKEN": token})):
        with process(tmp_path, "--host", "0.0.0.0", *said, env=env) as (server, address):
            here = address.replace("0.0.0.0", "127.0.0.1")
            assert httpx2.get(f"{here}/v1/scenarios").status_code == 401
            answer = httpx2.get(f"{here}/v1/scenarios", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200
            server.send_signal(signal.SIGINT)
            server.wait(30)
            assert server.stderr is not None
            assert token not in server.stderr.read()


@pytest.mark.parametrize(
    ("said", "about"),
    [
        (["--host", "0.0.0.0"], "others can reach 0.0.0.0"),
        (["--host", "plan.example"], "--host takes an address"),
        (["--name", "plan.example"], "say what they must send"),
        (["--token-file", "nowhere"], "cannot be read"),
        (["--store", "README.md"], "no store of creatormix"),
        (["--store", "/proc/nowhere/store.db"], "cannot"),
        (["nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_served_is_said(said: list[str], about: str) -> None:
    command = [sys.executable, "-m", "optimizer.cli.main", "serve", "--port", "0", *said]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert about in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
