"""Scenarios and files are kept by id, changed only by who has read them, and come from a folder only as copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.serving import POOL, SCENARIO, WAIT, Client, client


def test_a_scenario_is_kept_with_its_files(client: Client) -> None:
    scenario = client.made()
    said = client.get(f"/v1/scenarios/{scenario}")
    assert said.json()["files"] == {"scenario.yaml": len(SCENARIO), "creators.csv": len(POOL)}
    assert said.headers["etag"] == f'"{said.json()["etag"]}"'
    assert client.get(f"/v1/scenarios/{scenario}/files/creators.csv").text == POOL
    assert [one["id"] for one in client.get("/v1/scenarios").json()] == [scenario]


LARGE = POOL.encode() + b"@more,9000,food,900,100\r\n" * 100_000  # 2.5 MB: what is put aside on the disk


def test_a_scenario_is_uploaded_as_a_form(client: Client) -> None:
    parts = [("files", ("scenario.yaml", SCENARIO.encode())), ("files", ("pools/large.csv", LARGE))]
    answer = client.post("/v1/scenarios/uploaded", data={"name": "large"}, files=parts)
    assert answer.status_code == 201
    assert answer.json()["name"] == "large"
    assert answer.json()["files"] == {"scenario.yaml": len(SCENARIO), "pools/large.csv": len(LARGE)}
    path = f"/v1/scenarios/{answer.json()['id']}"
    assert client.get(f"{path}/files/pools/large.csv").content == LARGE
    assert client.get(path).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    "names", [("scenario.yaml", "scenario.yaml"), ("other.yaml",), ("scenario.yaml", "../x"), ("scenario.yaml", "")]
)
def test_a_form_without_a_scenario_or_with_names_that_cannot_be_is_refused(
    client: Client, names: tuple[str, ...]
) -> None:
    answer = client.post("/v1/scenarios/uploaded", files=[("files", (name, b"x")) for name in names])
    assert answer.status_code == 422
    assert client.get("/v1/scenarios").json() == []


def test_a_large_file_is_written_as_it_came_and_names_the_version(client: Client) -> None:
    one, other = client.made(), client.made()
    headers = {"If-Match": "*"}
    sent = client.put(f"/v1/scenarios/{one}/files/large.csv", content=LARGE, headers=headers)
    in_parts = (LARGE[at : at + 70_000] for at in range(0, len(LARGE), 70_000))
    again = client.put(f"/v1/scenarios/{other}/files/large.csv", content=in_parts, headers=headers)
    assert sent.headers["etag"] == again.headers["etag"]
    assert client.get(f"/v1/scenarios/{other}/files/large.csv").content == LARGE
    short = client.put(f"/v1/scenarios/{one}/files/large.csv", content=b"", headers=headers)
    assert short.json()["files"]["large.csv"] == 0


def test_a_large_file_of_creators_becomes_a_scenario(client: Client) -> None:
    rows = b"".join(b"@c%d,9000,food,900,100\r\n" % number for number in range(60_000))
    kept = client.post("/v1/scenarios/started", params={"file": "large.csv"}, content=POOL.encode() + rows)
    assert kept.status_code == 201
    assert kept.json()["files"]["large.csv"] == len(POOL) + len(rows)


def test_a_change_names_the_version_that_it_changes(client: Client) -> None:
    scenario = client.made()
    path, etag = f"/v1/scenarios/{scenario}/files/notes.txt", client.get(f"/v1/scenarios/{scenario}").headers["etag"]
    assert client.put(path, content=b"1").status_code == 428
    first = client.put(path, content=b"1", headers={"If-Match": etag})
    assert first.status_code == 200
    assert client.put(path, content=b"2", headers={"If-Match": etag}).status_code == 412
    assert client.get(path).content == b"1"
    assert client.put(path, content=b"2", headers={"If-Match": first.headers["etag"]}).status_code == 200
    assert client.delete(path, headers={"If-Match": first.headers["etag"]}).status_code == 412
    assert client.delete(path, headers={"If-Match": "*"}).json()["files"].keys() == {"scenario.yaml", "creators.csv"}
    assert client.delete(f"/v1/scenarios/{scenario}/files/scenario.yaml", headers={"If-Match": "*"}).status_code == 422


def test_the_same_files_have_the_same_version(client: Client) -> None:
    one, other = (client.get(f"/v1/scenarios/{client.made()}").headers["etag"] for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", "a/../b", "/etc/passwd", "a\\b", ".hidden", "a/.git/b", "x" * 300, "a\x00b", ""]
)
def test_a_file_can_be_nowhere_else(client: Client, name: str) -> None:
    answer = client.post("/v1/scenarios", json={"files": {"scenario.yaml": SCENARIO, name: "x"}})
    assert answer.status_code == 422
    assert client.get("/v1/scenarios").json() == []


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b/c", "a/b"), ("x" * 201,), ("\N{GRINNING FACE}" * 60,)])
def test_names_that_no_folder_could_hold_are_refused(client: Client, names: tuple[str, ...]) -> None:
    path = f"/v1/scenarios/{client.made()}/files/"
    answers = [client.put(path + name, content=b"x", headers={"If-Match": "*"}) for name in names]
    assert answers[-1].status_code == 422


def test_what_is_a_folder_now_may_be_a_file_next(client: Client) -> None:
    scenario = client.made(**{"a/b.csv": POOL})
    assert client.asked(scenario, "plan")["outcome"] == "plan"
    headers = {"If-Match": "*"}
    client.delete(f"/v1/scenarios/{scenario}/files/a/b.csv", headers=headers)
    assert client.put(f"/v1/scenarios/{scenario}/files/a", content=b"x", headers=headers).status_code == 200
    assert client.asked(scenario, "plan")["outcome"] == "plan"


def test_a_star_in_quotes_is_no_version(client: Client) -> None:
    path = f"/v1/scenarios/{client.made()}/files/notes.txt"
    assert client.put(path, content=b"x", headers={"If-Match": '"*"'}).status_code == 412


@pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/passwd", "creators.csv/../../x"])
def test_a_scenario_reads_nothing_beside_its_own_files(client: Client, path: str) -> None:
    scenario = client.made(SCENARIO.replace("creators.csv", path))
    answer = client.post(f"/v1/scenarios/{scenario}/plan", json={}, headers=WAIT)
    assert answer.status_code == 422
    assert "root:" not in answer.text
    assert "/tmp" not in answer.text


def test_a_scenario_is_deleted_with_all_that_belongs_to_it(client: Client) -> None:
    scenario = client.made()
    plan = client.saved(scenario)
    job = client.get(f"/v1/scenarios/{scenario}/jobs").json()[0]["id"]
    assert client.delete(f"/v1/scenarios/{scenario}").status_code == 204
    for path in (f"scenarios/{scenario}", f"plans/{plan}", f"jobs/{job}", f"scenarios/{scenario}/files/creators.csv"):
        assert client.get(f"/v1/{path}").status_code == 404, path


def test_a_scenario_can_be_renamed(client: Client) -> None:
    path = f"/v1/scenarios/{client.made()}"
    assert client.patch(path, json={"name": "other"}).status_code == 428
    assert client.patch(path, json={"name": "other"}, headers={"If-Match": "*"}).json()["name"] == "other"


def test_two_who_rename_at_once_lose_no_name(client: Client) -> None:
    path = f"/v1/scenarios/{client.made()}"
    read = {"If-Match": client.get(path).headers["etag"]}
    first = client.patch(path, json={"name": "one"}, headers=read)
    assert first.headers["etag"] != read["If-Match"]
    assert client.patch(path, json={"name": "other"}, headers=read).status_code == 412
    assert client.put(f"{path}/files/notes.txt", content=b"x", headers=read).status_code == 412
    assert client.get(path).json()["name"] == "one"
    assert client.get(f"{path}/files/creators.csv").headers["etag"] == first.headers["etag"]


def test_another_name_is_no_other_version_for_a_job(client: Client) -> None:
    scenario = client.made()
    job = client.begun(scenario, "plan")
    client.patch(f"/v1/scenarios/{scenario}", json={"name": "other"}, headers={"If-Match": "*"})
    assert client.over(job)["state"] == "done"


def test_a_file_of_creators_becomes_a_scenario_that_can_be_planned(client: Client) -> None:
    pool = "\n".join(POOL.splitlines()) + "\n"
    answer = client.post("/v1/scenarios/started", params={"file": "my list.csv"}, content=pool.encode())
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "my list"
    scenario = answer.json()["id"]
    text = client.get(f"/v1/scenarios/{scenario}/files/scenario.yaml").text
    assert "file: my list.csv" in text
    assert client.asked(scenario, "plan")["outcome"] == "plan"


@pytest.mark.parametrize(("name", "content"), [("x.csv", b"\x00\x01\x02"), ("x.yaml", b"a: 1"), ("../x.csv", b"a,b\n")])
def test_what_is_no_file_of_creators_is_refused_and_not_kept(client: Client, name: str, content: bytes) -> None:
    answer = client.post("/v1/scenarios/started", params={"file": name}, content=content)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.get("/v1/scenarios").json() == []


def test_a_full_store_takes_no_more(tmp_path: Path) -> None:
    with client(tmp_path, store_mb=1) as found:
        scenario = found.made()
        headers = {"If-Match": "*"}
        path = f"/v1/scenarios/{scenario}/files/big.csv"
        assert found.put(path, content=b"x" * 2_000_000, headers=headers).status_code == 507
        assert found.get(path).status_code == 404


def test_plans_and_questions_count_too(tmp_path: Path) -> None:
    with client(tmp_path, store_mb=1) as found:
        scenario = found.made()
        plan = {"job": found.begun(scenario, "plan"), "name": "x"}
        found.over(plan["job"])
        statuses = [found.post(f"/v1/scenarios/{scenario}/plans", json=plan).status_code for _ in range(200)]
        assert statuses[0] == 201
        assert statuses[-1] == 507
        changes = {"changes": {f"a{number}": "x" * 9_000 for number in range(90)}}
        assert found.post(f"/v1/scenarios/{scenario}/plan", json=changes).status_code == 507


def test_a_scenario_of_the_folder_is_copied_with_all_files_that_it_names(tmp_path: Path) -> None:
    from optimizer.service import starting
    from optimizer.service.store.errors import UnknownError

    folder, outside = tmp_path / "campaigns", tmp_path / "secret.yaml"
    (folder / "pools").mkdir(parents=True)
    outside.write_text("format: 1\nobjective: {maximize: engagements}\n")
    (folder / "base.yaml").write_text(SCENARIO.replace("creators.csv", "pools/creators.csv"))
    (folder / "mine.yaml").write_text("extends: base.yaml\nbudget: 300\n")
    (folder / "notes.yaml").write_text("a: 1\n")
    (folder / "pools" / "creators.csv").write_text(POOL)
    (folder / "pools" / "other.csv").write_text(POOL)
    (folder / "link.yaml").symlink_to(outside)
    with client(tmp_path, folder=folder) as found:
        assert starting.in_folder(found.service) == ["base.yaml", "mine.yaml"]
        kept = starting.opened(found.service, "mine.yaml")
        assert kept.files.keys() == {"base.yaml", "mine.yaml", "pools/creators.csv"}
        assert found.asked(kept.id, "plan")["totals"]["spend"] <= 300
        for name in ("link.yaml", "../secret.yaml", "notes.yaml", "/etc/passwd"):
            with pytest.raises(UnknownError):
                starting.opened(found.service, name)
