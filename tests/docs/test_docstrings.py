"""The examples in docstrings of public names give what they show."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

import optimizer

MODULES = sorted({getattr(optimizer, name).__module__ for name in optimizer.__all__})
EXAMPLES = {
    "optimizer.analysis.alternatives",
    "optimizer.analysis.compare",
    "optimizer.analysis.explain",
    "optimizer.analysis.fit_audience",
    "optimizer.analysis.planner",
    "optimizer.analysis.replan",
    "optimizer.analysis.sweep",
    "optimizer.loading.load",
    "optimizer.planning.optimize",
    "optimizer.synthetic.pool",
    "optimizer.verification.verify",
}


@pytest.mark.parametrize("module", MODULES)
def test_examples_give_what_they_show(module: str) -> None:
    found = doctest.testmod(import_module(module))
    assert found.failed == 0
    assert (found.attempted > 0) == (module in EXAMPLES)
