"""A creator who is forgotten is in no byte of the store any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pool_file.test_without import ROWS, parquet, workbook
from tests.service.serving import POOL, SCENARIO, Client


def test_a_scenario_that_names_them_is_for_people_to_change(client: Client) -> None:
    scenario = client.made(SCENARIO + "include: ['@bea']\n")
    answer = client.post("/v1/forget", json={"creator": "@bea"})
    assert answer.status_code == 422
    assert "scenario.yaml:9" in answer.text
    assert "@bea" in client.get(f"/v1/scenarios/{scenario}/files/creators.csv").text, "nothing is half forgotten"


def test_who_is_forgotten_is_in_no_byte_of_the_store(client: Client, tmp_path: Path) -> None:
    name = "@zoe.unmistakable"
    pool = POOL.replace("@bea", name)
    scenario = client.made(pool=pool)
    other = client.made(SCENARIO.replace("creators.csv", "more.xlsx"))
    rows = [[name if cell == "@bea" else cell for cell in row] for row in ROWS]
    for file, content in (("more.xlsx", workbook(rows)), ("old.parquet", parquet(rows))):
        client.put(f"/v1/scenarios/{other}/files/{file}", content=content, headers={"If-Match": "*"})
    with_them, without_them = client.saved(scenario), client.saved(scenario, leave_out=["@x"], changes={"budget": 100})
    client.asked(other, "plan")
    told = client.post("/v1/forget", json={"creator": "Zoe.Unmistakable"})
    assert told.status_code == 200, told.text
    assert len(told.json()["files"]) == 3
    assert told.json()["plans"] == 1
    assert client.get(f"/v1/plans/{with_them}").status_code == 404
    assert client.get(f"/v1/plans/{without_them}").status_code == 200
    for path in tmp_path.glob("store.db*"):
        assert b"unmistakable" not in path.read_bytes().lower(), path
    assert name not in client.get(f"/v1/scenarios/{other}/files/old.parquet").text
    booked = {one["creator"] for one in client.asked(other, "plan")["allocations"]}
    assert name not in booked
    assert booked


def test_all_that_is_in_the_way_is_told_with_the_names_of_the_scenarios(client: Client) -> None:
    for name in ("spring", "autumn"):
        scenario = client.made(SCENARIO + "include: ['@bea']\n")
        client.patch(f"/v1/scenarios/{scenario}", json={"name": name}, headers={"If-Match": "*"})
    said = client.post("/v1/forget", json={"creator": "@bea"}).json()
    assert sorted(one["file"] for one in said["problems"]) == ["autumn/scenario.yaml", "spring/scenario.yaml"]
    assert said["title"] == "2 problems in the way"


def test_a_scenario_that_was_started_from_a_file_does_not_name_its_creators(client: Client) -> None:
    answer = client.post("/v1/scenarios/started?file=pool.csv", content=POOL)
    assert answer.status_code == 201, answer.text
    assert client.post("/v1/forget", json={"creator": "@bea"}).json()["remaining"] == []


def test_what_names_them_otherwise_is_told(client: Client) -> None:
    scenario = client.made(**{"notes.txt": "call @bea", "deals/bea.csv": "a,b\n1,2\n"})
    client.patch(f"/v1/scenarios/{scenario}", json={"name": "deal with @bea"}, headers={"If-Match": "*"})
    told = client.post("/v1/forget", json={"creator": "@bea"}).json()
    assert told["files"] == ["deal with @bea/creators.csv"]
    names = ["deal with @bea", "deal with @bea/deals/bea.csv", "deal with @bea/notes.txt"]
    assert told["remaining"] == names


def test_what_is_made_in_the_meantime_is_looked_at_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.service import forgetting

    client.made()
    made: list[str] = []
    real = forgetting.remove_mentions

    def removed(*said: object) -> tuple[int, int]:
        if not made:
            made.append(client.made())
        return real(*said)

    monkeypatch.setattr(forgetting, "remove_mentions", removed)
    told = client.post("/v1/forget", json={"creator": "@bea"}).json()
    assert len(told["files"]) == 2
    assert told["remaining"] == []


def test_what_cannot_be_read_stops_it(client: Client) -> None:
    client.made(**{"pool.parquet": "PAR1 this is damaged PAR1"})
    answer = client.post("/v1/forget", json={"creator": "@bea"})
    assert answer.status_code == 422
    assert "pool.parquet" in answer.text
