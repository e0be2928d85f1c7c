"""Models written as .lp and .mps, and read back by HiGHS."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import highspy
import numpy as np
import pytest

from optimizer.solving import highs, pulp_backend
from optimizer.solving.highs import Model
from tests.support.models import OPTIMA, clock, drawn, model_of

KINDS = ("lp", "mps")
every_kind = pytest.mark.parametrize("kind", KINDS)
HOSTILE = [
    "x3 = Ana, Feed",
    "two\nlines\r\nEnd\n",
    "a\u2028b\u2029c\x0bd\x0ce\x85f\x00g\x1bh",
    "\\* not closed",
    "*SENSE:Minimize",
    "OBJSENSE\n MIN\nROWS",
    "żółć 名 \ud800",
    "Maximize obj: 99 x0 Subject To",
    "=" * 5000,
    "",
]


def read(path: Path) -> highspy.Highs:
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    assert h.readModel(str(path)) == highspy.HighsStatus.kOk
    return h


def optimum(h: highspy.Highs) -> float | None:
    h.setOptionValue("mip_rel_gap", 0.0)
    h.run()
    best = h.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return h.getInfo().objective_function_value if best else None


def rows_of(model: Model) -> int:
    """A row with two different bounds is two in these formats, one without any is none."""
    low, high = np.isfinite(model.row_lower), np.isfinite(model.row_upper)
    return int((low | high).sum() + (low & high & (model.row_lower != model.row_upper)).sum())


def same(model: Model, path: Path) -> None:
    pulp_backend.write(model, path, HOSTILE)
    h = read(path)
    lp = h.getLp()
    assert (h.getNumCol(), h.getNumRow()) == (len(model.cost), rows_of(model))
    assert lp.sense_ == highspy.ObjSense.kMaximize
    names = [int(name.removeprefix("x")) for name in lp.col_names_]
    assert sorted(names) == list(range(len(model.cost)))
    assert list(lp.col_cost_) == pytest.approx(model.cost[names].tolist())
    assert list(lp.col_lower_) == pytest.approx(model.lower[names].tolist())
    assert list(lp.col_upper_) == pytest.approx(model.upper[names].tolist())
    if model.is_whole and model.whole is not None:
        assert [kind == highspy.HighsVarType.kInteger for kind in lp.integrality_] == model.whole[names].tolist()
    answer = highs.solve(model, clock())
    value = optimum(h)
    assert (value is None) == (answer.x is None)
    assert answer.x is None or value == pytest.approx(float(model.cost @ answer.x), rel=1e-9)


@every_kind
@pytest.mark.parametrize("name", OPTIMA)
def test_a_model_read_back_is_the_same_whatever_the_notes_hold(kind: str, name: str, tmp_path: Path) -> None:
    same(OPTIMA[name][0], tmp_path / f"model.{kind}")


@every_kind
def test_models_drawn_at_random_are_the_same_when_read_back(kind: str, tmp_path: Path) -> None:
    for seed in range(60):
        same(drawn(seed), tmp_path / f"model {seed}.{kind}")


@every_kind
def test_bounds_of_every_sort_come_back(kind: str, tmp_path: Path) -> None:
    ends = [(0, 0), (3, 3), (-2, -1), (0, math.inf), (-math.inf, 4), (-math.inf, math.inf), (-5, math.inf), (0, 1)]
    rows = [([1.0] * 16, -1e4, 1e4), ([1.0] * 15 + [0], -math.inf, 12.5)]
    model = model_of([0.1, -1e-7, 123456789.125, *[-1] * 5] * 2, rows, ends * 2, whole=[False] * 8 + [True] * 8)
    path = tmp_path / f"model.{kind}"
    pulp_backend.write(model, path, [])
    lp = read(path).getLp()
    names = [int(name.removeprefix("x")) for name in lp.col_names_]
    assert [*zip(lp.col_lower_, lp.col_upper_, strict=True)] == [(ends * 2)[at] for at in names]
    assert list(lp.col_cost_) == pytest.approx(model.cost[names].tolist(), rel=1e-12)


@pytest.mark.parametrize(("kind", "mark"), [("lp", "\\ "), ("mps", "* ")], ids=KINDS)
def test_each_note_is_one_comment_line_at_the_top(kind: str, mark: str, tmp_path: Path) -> None:
    path = tmp_path / f"model.{kind}"
    pulp_backend.write(OPTIMA["whole"][0], path, HOSTILE)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(line.startswith(mark) for line in lines[: len(HOSTILE)])
    assert not lines[len(HOSTILE)].startswith(mark)
    assert lines[0] == f"{mark}x3 = Ana, Feed"
    assert lines[1] == f"{mark}two lines  End "
    assert lines[6].startswith(f"{mark}żółć 名")


@pytest.mark.parametrize("name", ["model.LP", "model.Mps", "a folder.x/my model.lp", "plan.v2.MPS"])
def test_the_suffix_counts_in_any_case(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    pulp_backend.write(OPTIMA["whole"][0], path, ["a note"])
    assert path.read_text(encoding="utf-8").startswith(("\\ a note\n", "* a note\n"))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["model", "model.txt", "model.lp.gz", ".lp"])
def test_another_suffix_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"written as \.lp or \.mps"):
        pulp_backend.write(OPTIMA["whole"][0], tmp_path / name, [])
    assert list(tmp_path.iterdir()) == []


@every_kind
def test_a_model_that_the_formats_cannot_tell_is_refused(kind: str, tmp_path: Path) -> None:
    for model in (model_of([], []), model_of([1], [([1], 0, 1)], (0, -1))):
        with pytest.raises(ValueError, match="cannot be written"):
            pulp_backend.write(model, tmp_path / f"model.{kind}", [])


@every_kind
def test_a_file_is_replaced_whole_or_left_as_it_was(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"model.{kind}"
    path.write_text("old", encoding="utf-8")

    def full(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="disk full"):
            pulp_backend.write(OPTIMA["whole"][0], path, [])
    assert path.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    pulp_backend.write(OPTIMA["whole"][0], path, [])
    assert read(path).getNumCol() == 3


def test_writing_says_nothing_of_what_pulp_will_not_have(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pulp_backend.write(OPTIMA["mixed"][0], tmp_path / "model.lp", [])
    assert capfd.readouterr() == ("", "")
    assert "pulp" in sys.modules
