"""The Dockerfile builds a command for a plain user. Its steps are run in a folder, without an engine or a registry."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT
from tests.packaging.dockerfile import Image, base, hand_over, plain_user, steps

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SENT = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, libraries: Path) -> Image:
    """The image, with the shipped scenarios mounted where it works."""
    folder = tmp_path_factory.mktemp("image")
    become = plain_user(folder)
    if become is None:
        pytest.skip("root cannot become a plain user here who may read what is installed")
    context = folder / "context"
    context.mkdir()
    for name in SENT:
        copied(ROOT / name, context / name)
    made = Image(context, folder, dict(base(folder, libraries)), become)
    made.build(TEXT)
    shutil.rmtree(context)
    campaign = made.inside("/campaign")
    shutil.copytree(ROOT / "scenarios", campaign, dirs_exist_ok=True)
    hand_over(campaign, int(made.user.partition(":")[0]))
    return made


def copied(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    else:
        shutil.copy(source, target)


def test_the_context_holds_what_is_copied_and_nothing_else() -> None:
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"
    sources = [part for step in steps(TEXT) if step.word == "COPY" and "--from" not in step.said for part in step.parts]
    named = {part.removeprefix("./") for part in sources if part != "./"}
    assert named == set(SENT)


def test_it_begins_from_a_slim_python_that_the_package_supports_and_runs_as_nobody_in_particular() -> None:
    bases = {step.said.split()[0] for step in steps(TEXT) if step.word == "FROM"}
    assert bases == {"python:3.11-slim"}
    users = [step.said for step in steps(TEXT) if step.word == "USER"]
    assert users == ["10001:10001"]  # a number: an orchestrator can see that it is not root


def test_a_scenario_in_the_mounted_folder_is_planned(image: Image) -> None:
    done = image.run("plan", "first_test.yaml", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["outcome"] == "plan"
    assert plan["claim"] == "optimal"
    assert [file["path"] for file in plan["inputs"]] == ["first_test.yaml", "pools/soap.csv"]


def test_without_arguments_it_helps(image: Image) -> None:
    assert image.entry == ["creatormix"]
    assert image.run().stdout.startswith("Usage: creatormix")


def test_the_command_is_that_of_the_image_and_nothing_that_built_it_is_left(image: Image) -> None:
    assert image.env["PATH"].startswith(f"{image.root}/opt/creatormix/bin:")
    assert {path.name for path in image.root.iterdir()} == {"opt", "campaign", "store"}
    (packages,) = image.inside("/opt/creatormix").glob("lib/python*/site-packages")
    assert {path.name.split("-")[0] for path in packages.iterdir()} == {"creatormix", "optimizer"}
    assert {path.name for path in image.inside("/opt/creatormix/bin").iterdir() if "python" not in path.name} <= {
        "creatormix",
        "activate",
        "activate.csh",
        "activate.fish",
        "Activate.ps1",
    }


def test_the_service_keeps_its_store_where_a_volume_is_mounted(image: Image) -> None:
    store = image.inside("/store/store.db")
    began = image.started("serve", "--port", "0", "--store", str(store))
    assert began.stderr is not None
    try:
        assert "creatormix is at http://127.0.0.1:" in began.stderr.readline()
        assert store.stat().st_uid != 0
    finally:
        began.kill()
        began.wait()
        began.stderr.close()


def test_the_user_writes_in_the_mounted_folder_and_nowhere_else(image: Image) -> None:
    done = image.run("new", "mine")
    assert done.returncode == 0, done.stderr
    made = image.inside("/campaign/mine/scenario.yaml")
    assert made.stat().st_uid != 0
    if os.geteuid() == 0:
        refused = image.run("new", str(image.inside("/opt/mine")))
        assert refused.returncode == 2, refused.stderr
        assert not image.inside("/opt/mine").exists()
