"""Jobs: who leaves frees the work, who comes back finds it, and what a dead process left is done by another."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest

from optimizer.service.api import jobs as following
from optimizer.service.store import jobs as registered
from optimizer.service.store.database import Database
from optimizer.service.store.errors import BusyError
from optimizer.service.store.jobs import Register
from optimizer.service.store.scenarios import Scenarios
from optimizer.service.workers import remove_left_folders
from tests.service.serving import SCENARIO, WAIT, Client, client

ENDLESS = {"vary": {"budget": [str(number) for number in range(10, 5_000)]}, "gap": 0, "rounds": 1_000_000}


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def running(found: Client) -> list[int]:
    """The processes of the jobs under way."""
    return [one.worker.pid for one in found.service.jobs._running.values() if one.worker]


def until(condition: object) -> None:
    while not condition():  # type: ignore[operator]
        time.sleep(0.01)


def endless(found: Client, scenario: str, **said: object) -> tuple[str, int]:
    """A job that takes very long, and its process."""
    job = found.begun(scenario, "sweep", **ENDLESS, **said)
    until(lambda: running(found) and found.get(f"/v1/jobs/{job}").json()["progress"])
    return job, running(found)[0]


def test_a_cancelled_job_ends_with_its_process(client: Client) -> None:
    job, process = endless(client, client.made())
    assert client.delete(f"/v1/jobs/{job}").status_code == 200
    assert client.over(job)["state"] == "cancelled"
    until(lambda: not alive(process))
    answer = client.get(f"/v1/jobs/{job}/result")
    assert answer.status_code == 410


def test_a_job_that_nobody_asks_about_is_given_up(tmp_path: Path) -> None:
    with client(tmp_path) as found:
        scenario = found.made()
        job, process = endless(found, scenario, lease_s=1)
        until(lambda: not alive(process))
        until(lambda: found.service.jobs.register.get(job, looks=False).state == "cancelled")


def test_the_best_so_far_can_be_asked_for(client: Client) -> None:
    scenario = client.made()
    job, process = endless(client, scenario)
    assert client.post(f"/v1/jobs/{job}/stop").status_code == 202
    assert client.over(job)["state"] == "done"
    said = client.get(f"/v1/jobs/{job}/result").json()
    assert said["points"]
    assert said["not_planned"]
    assert alive(process), "the process is kept for the next question"


def test_a_job_ends_with_its_scenario(client: Client) -> None:
    scenario = client.made()
    _, process = endless(client, scenario)
    assert client.delete(f"/v1/scenarios/{scenario}").status_code == 204
    until(lambda: not alive(process))


def test_a_process_that_dies_is_told_and_the_next_job_works(client: Client) -> None:
    scenario = client.made()
    job, process = endless(client, scenario)
    os.kill(process, 9)
    said = client.over(job)
    assert (said["state"], said["problem"]["status"]) == ("failed", 500)
    assert client.get(f"/v1/jobs/{job}/result").status_code == 500
    assert client.asked(scenario, "plan")["outcome"] == "plan"


def test_a_worker_that_died_while_it_waited_is_replaced(client: Client) -> None:
    scenario = client.made()
    client.asked(scenario, "plan")
    (warm,) = client.service.jobs._warm.values()
    os.kill(warm.worker.pid, 9)
    until(lambda: not warm.worker.lives)
    assert client.asked(scenario, "check")["creators"] == 4


def test_a_job_that_is_given_up_before_it_has_a_process_ends(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = client.made()
    real = client.service.scenarios.files

    def forgotten(which: str) -> object:
        client.service.jobs.forget(which)
        return real(which)

    monkeypatch.setattr(client.service.scenarios, "files", forgotten)
    assert client.over(client.begun(scenario, "plan"))["state"] == "cancelled"
    assert running(client) == []


def test_folders_of_a_service_that_was_ended_with_its_workers_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    left = Path(tempfile.mkdtemp(prefix="creatormix-999999999-"))
    mine = Path(tempfile.mkdtemp(prefix=f"creatormix-{os.getpid()}-"))
    remove_left_folders()
    assert not left.exists()
    assert mine.exists()
    mine.rmdir()


def test_a_worker_runs_no_code_of_the_folder_that_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "queue.py").write_text("import pathlib; pathlib.Path(__file__).with_name('ran').touch()\n")
    monkeypatch.chdir(tmp_path)
    with client(tmp_path) as found:
        assert found.asked(found.made(), "check")["creators"] == 4
    assert not (tmp_path / "ran").exists()


def test_too_many_jobs_are_refused(tmp_path: Path) -> None:
    with client(tmp_path, running=1, waiting=1) as found:
        scenario = found.made()
        endless(found, scenario)
        waits = found.begun(scenario, "plan")
        answer = found.post(f"/v1/scenarios/{scenario}/plan", json={})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
        assert found.get(f"/v1/jobs/{waits}").json()["state"] == "waiting"
        assert found.delete(f"/v1/jobs/{waits}").json()["state"] == "cancelled"


def test_a_search_ends_in_time_with_its_best_plan(tmp_path: Path) -> None:
    with client(tmp_path, seconds=0.05) as found:
        answer = found.post(f"/v1/scenarios/{found.made()}/plan", json={"time_limit_s": 500}, headers=WAIT)
        assert answer.status_code == 200
        assert answer.json()["outcome"] in ("plan", "no_plan")


def test_a_job_is_followed_as_events(client: Client) -> None:
    scenario = client.made()
    job = client.begun(scenario, "plan")
    with client.stream("GET", f"/v1/jobs/{job}/events") as answer:
        lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
    assert '"state": "done"' in lines[-1]


def test_a_stream_of_events_beats_and_ends_before_its_job(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_LOOK": 0.0, "_BEAT": 1, "_LOOKS_MOST": 50}.items():
        monkeypatch.setattr(following, name, value)
    job = client.begun(client.made(), "sweep", **ENDLESS)
    with client.stream("GET", f"/v1/jobs/{job}/events") as answer:
        lines = list(answer.iter_lines())
    assert ": still there" in lines
    assert client.get(f"/v1/jobs/{job}").json()["state"] in ("waiting", "running")
    client.delete(f"/v1/jobs/{job}")


def test_a_worker_that_uses_too_much_memory_is_told(tmp_path: Path) -> None:
    with client(tmp_path, memory_mb=60) as found:
        answer = found.post(f"/v1/scenarios/{found.made()}/plan", json={}, headers=WAIT)
        assert answer.status_code in (413, 500)
        assert "memory" in answer.text
        assert "Traceback" not in answer.text


# --- the register, without any process ---


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "store.db")


def kept(database: Database) -> str:
    return Scenarios(database).make("a", "scenario.yaml", {"scenario.yaml": SCENARIO.encode()}).id


def submitted(register: Register, scenario: str, **said: object) -> str:
    return register.submit(scenario, "plan", said, lease=60, waiting=100, key=None).id


def test_what_a_dead_process_left_is_done_once_more_by_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, dead = kept(database), Register(database, "dead")
    dead.live()
    job = submitted(dead, scenario)
    assert dead.claim(())
    other = Register(database, "other")
    other.live()
    assert other.claim(()) is None, "its owner lives"
    monkeypatch.setattr(registered, "_GONE_SECONDS", -1.0)
    other.live()
    monkeypatch.undo()
    found = other.claim(())
    assert found is not None
    assert found.id == job
    dead.finish(job, {"json": b"{}"})
    assert other.get(job).state == "running", "who was taken for dead ends it no more"
    other.finish(job, {"json": b"[]"})
    assert other.answer(job, "json") == b"[]"


def test_a_job_that_ends_its_process_twice_fails(database: Database) -> None:
    scenario = kept(database)
    job = ""
    for name in ("one", "two"):
        register = Register(database, name)
        register.live()
        job = job or submitted(register, scenario)
        assert register.claim(())
        database.connection().execute("DELETE FROM owners")
        Register(database, "watcher").live()
    found = Register(database, "watcher").get(job)
    assert found.state == "failed"
    assert found.problem is not None
    assert "twice" in found.problem["detail"]


def test_jobs_are_claimed_in_their_order_but_one_of_a_scenario_at_a_time(database: Database) -> None:
    first, second = kept(database), kept(database)
    register = Register(database, "one")
    jobs = [submitted(register, scenario, number=number) for number, scenario in enumerate((first, first, second))]
    found = [register.claim(busy) for busy in ((), {first}, {first, second}, ())]
    assert [one and one.id for one in found] == [jobs[0], jobs[2], None, jobs[1]]


def test_no_two_processes_claim_the_same_job(database: Database) -> None:
    scenario = kept(database)
    job = submitted(Register(database, "one"), scenario)
    found = [Register(database, name).claim(()) for name in ("one", "two")]
    assert [one and one.id for one in found] == [job, None]


def test_a_full_queue_is_told(database: Database) -> None:
    register, scenario = Register(database, "one"), kept(database)
    submitted(register, scenario)
    with pytest.raises(BusyError):
        register.submit(scenario, "plan", {}, lease=60, waiting=1, key=None)
