"""Measure the service: how soon it answers, how many clients it bears, what a kill costs.

python performance/service.py [--killed 200] [--left 50] [--clients 50] [--creators 1000] [--uploads 10]

Prints a Markdown table. Servers are processes of their own, on this machine only. Times are of the clock: run it alone.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout, suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer.cli.new import Invented, make_starter  # noqa: E402  # the root must be known first
from performance.peers import machine  # noqa: E402
from tests.service.serving import POOL, SCENARIO, WAIT, process  # noqa: E402
from tests.service.test_serve import ENDLESS, children  # noqa: E402

FILES = {"scenario.yaml": SCENARIO, "creators.csv": POOL}


@contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service with an empty store, and its address."""
    with tempfile.TemporaryDirectory() as folder, process(Path(folder)) as found:
        yield found


def made(asks: httpx2.Client, creators: int = 0) -> str:
    """The id of a scenario that is kept."""
    files = FILES
    if creators:
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            make_starter(Path(folder) / "new", Invented(creators, 1, "csv"))
            files = {name: (Path(folder) / "new" / name).read_text() for name in ("scenario.yaml", "creators.csv")}
    found: str = asks.post("/v1/scenarios", json={"files": files}).json()["id"]
    return found


def replans(creators: int) -> list[str]:
    """From a click to the plan: the first question, and bans one after the other."""
    times, out = [], list[str]()
    with serving() as (_, address), httpx2.Client(base_url=address, timeout=120) as asks:
        path = f"/v1/scenarios/{made(asks, creators)}/plan"
        for _ in range(11):
            began = time.perf_counter()
            answer = asks.post(path, json={"gap": 0.01, "leave_out": out}, headers=WAIT)
            times.append(time.perf_counter() - began)
            out = [*out, answer.json()["allocations"][0]["creator"]]
    rest = sorted(times[1:])
    said = f"{times[0]:.2f} s the first, then {statistics.median(rest):.2f} s in the middle, {rest[-1]:.2f} s at most"
    return [f"a plan of {creators:,} creators within 1 %, one more of them banned each time", said]


def left(count: int) -> list[str]:
    """From the moment in which a client leaves to the end of the process that worked for it."""
    times = []
    with serving() as (server, address):
        with httpx2.Client(base_url=address) as asks:
            scenario = made(asks)
        for _ in range(count):
            with httpx2.Client(base_url=address, timeout=1.5) as asks, suppress(httpx2.ReadTimeout):
                asks.post(f"/v1/scenarios/{scenario}/sweep", json=ENDLESS, headers=WAIT)
            gone = time.perf_counter()
            while children(server.pid):
                time.sleep(0.002)
            times.append(time.perf_counter() - gone)
    return [f"{count} clients that left: from then to the end of their work", f"{max(times):.2f} s at most"]


def clients(count: int) -> list[str]:
    """Many clients that plan at once, and how long the service takes to say that it lives meanwhile."""
    with serving() as (_, address):
        with httpx2.Client(base_url=address) as asks:
            scenario = made(asks)

        def ask(number: int) -> tuple[list[int], list[float]]:
            statuses, times = [], []
            with httpx2.Client(base_url=address, timeout=120) as asks:
                for at in range(20):
                    said = {"changes": {"budget": 300 + number * 20 + at}}
                    statuses.append(asks.post(f"/v1/scenarios/{scenario}/plan", json=said, headers=WAIT).status_code)
                    began = time.perf_counter()
                    statuses.append(asks.get("/v1/health/live").status_code)
                    times.append(time.perf_counter() - began)
            return statuses, times

        with ThreadPoolExecutor(count) as pool:
            found = list(pool.map(ask, range(count)))
    statuses = [one for each, _ in found for one in each]
    pings = sorted(one for _, each in found for one in each)
    counts = ", ".join(f"{statuses.count(one):,} times {one}" for one in sorted(set(statuses)))
    return [
        f"{count} clients at once: statuses; the 99th of 100 pings",
        f"{counts}; {pings[len(pings) * 99 // 100]:.2f} s",
    ]


def uploads(count: int) -> list[str]:
    """Many clients that send the largest bodies at once, in every way: the slowest ping meanwhile."""
    rows = "@somebody,4000,food,300,200\r\n"
    nested = f'{{"name": {"[" * 500}{"[]," * 330_000}[]{"]" * 500}}}'
    odd = {"content-type": "multipart/form-data; boundary=x"}
    ways: dict[str, Callable[[httpx2.Client, str], httpx2.Response]] = {
        "a scenario in JSON of 1 MB": lambda asks, _: asks.post(
            "/v1/scenarios", json={"files": {**FILES, "creators.csv": POOL + rows * 30_000}}
        ),
        "JSON of 1 MB without end": lambda asks, _: asks.post("/v1/scenarios", content=nested),
        "a scenario as a form of 64 MB": lambda asks, _: asks.post(
            "/v1/scenarios/uploaded",
            files=[("files", ("scenario.yaml", SCENARIO)), ("files", ("creators.csv", POOL + rows * 2_200_000))],
        ),
        "a form of 64 MB full of false ends": lambda asks, _: asks.post(
            "/v1/scenarios/uploaded", content=_false_ends(), headers=odd
        ),
        "a file of 64 MB": lambda asks, scenario: asks.put(
            f"/v1/scenarios/{scenario}/files/other.csv", content=rows * 2_200_000, headers={"If-Match": "*"}
        ),
    }
    found = []
    for name, send in ways.items():
        with serving() as (_, address), httpx2.Client(base_url=address, timeout=120) as asks:
            slowest, statuses = _pinged(address, made(asks), send, count)
            counts = ", ".join(f"{statuses.count(one)} times {one}" for one in sorted(set(statuses)))
            found.append(f"{name}: {slowest:.2f} s ({counts})")
    return [f"{count} clients that send at once: the slowest ping", "; ".join(found)]


def _false_ends() -> bytes:
    """A form whose file nearly ends all the time."""
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="scenario.yaml"\r\n\r\n'
    return head + b"\r\n--" * 15_900_000 + b"\r\n--x--\r\n"


def _pinged(
    address: str,
    scenario: str,
    send: Callable[[httpx2.Client, str], httpx2.Response],
    count: int,
) -> tuple[float, list[int]]:
    """The slowest ping while so many clients send something, and what they were answered; pings by another process."""

    def one(_: int) -> int:
        with httpx2.Client(base_url=address, timeout=300) as mine:
            return send(mine, scenario).status_code

    told, tells = multiprocessing.Pipe(duplex=False)
    over = multiprocessing.Event()
    pings = multiprocessing.Process(target=_ping, args=(address, over, tells))
    pings.start()
    told.recv()  # it has begun
    with ThreadPoolExecutor(count) as pool:
        statuses = list(pool.map(one, range(count)))
    over.set()
    slowest: float = told.recv()
    pings.join()
    return slowest, statuses


def _ping(address: str, over: Event, tells: Connection) -> None:
    """Ask again and again whether the service lives, and tell how long that took at most."""
    slowest = 0.0
    with httpx2.Client(base_url=address, timeout=60) as asks:
        asks.get("/v1/health/live")
        tells.send("began")
        while not over.is_set():
            began = time.perf_counter()
            asks.get("/v1/health/live")
            slowest = max(slowest, time.perf_counter() - began)
            time.sleep(0.005)
    tells.send(slowest)


def killed(count: int) -> list[str]:
    """Servers that are killed while plans are saved: what was acknowledged and is not there."""
    rng, acknowledged = random.Random(1), set[str]()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(4) as pool:
        with process(Path(folder)) as (_, address), httpx2.Client(base_url=address, timeout=60) as asks:
            scenario = made(asks)
            asks.post(f"/v1/scenarios/{scenario}/plan", json={}, headers=WAIT)
            job = asks.get(f"/v1/scenarios/{scenario}/jobs").json()[0]["id"]
        path, said = f"/v1/scenarios/{scenario}/plans", {"job": job, "name": "kept"}
        for _ in range(count):
            with process(Path(folder)) as (server, address):
                saving = [pool.submit(saved, address, path, said) for _ in range(4)]
                time.sleep(rng.uniform(0.02, 0.4))
                os.kill(server.pid, signal.SIGKILL)
                acknowledged = acknowledged.union(*(one.result() for one in saving))
        connection = sqlite3.connect(Path(folder) / "store.db")
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        lost = len(acknowledged - {row[0] for row in connection.execute("SELECT id FROM plans")})
        connection.close()
    what = f"{len(acknowledged):,} acknowledged, {lost} lost; integrity check: {whole}"
    return [f"{count} servers killed while four clients saved plans", what]


def saved(address: str, path: str, said: dict[str, str]) -> set[str]:
    """The plans that a client saved until the server was gone."""
    mine = set()
    with httpx2.Client(base_url=address) as asks, suppress(httpx2.HTTPError):
        while True:
            mine.add(asks.post(path, json=said).json()["id"])
    return mine


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--killed", type=int, default=200)
    parser.add_argument("--left", type=int, default=50)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--creators", type=int, default=1_000)
    parser.add_argument("--uploads", type=int, default=10)
    given = parser.parse_args()
    print(f"{machine()}\n\n| what | measured |\n|---|---|")
    for measure, size in (
        (replans, given.creators),
        (left, given.left),
        (clients, given.clients),
        (uploads, given.uploads),
        (killed, given.killed),
    ):
        if size:
            print(f"| {' | '.join(measure(size))} |", flush=True)


if __name__ == "__main__":
    main()
