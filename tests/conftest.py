"""What all tests share: no clock, a folder; and which of them are quick."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from optimizer.domain.forecast import Forecast
from optimizer.planning import forecast
from optimizer.planning.optimize import DEFAULT_TIME_LIMIT_S, Terms
from optimizer.ranges.drawing import Ranges, drawn
from optimizer.ranges.outlook import Common, Group, Outlook
from optimizer.solving.clock import Clock

ROOT = Path(__file__).resolve().parent.parent

SLOW = """
    analysis/test_compare.py::test_a_difference_is_the_value
    analysis/test_compare.py::test_a_plan_compared_with_itself
    analysis/test_compare.py::test_differences_of_all_moves
    analysis/test_compare.py::test_every_booking_of_every_case
    analysis/test_compare.py::test_what_two_bounds_prove
    analysis/test_compare.py::test_who_stays_and_who_comes_in
    analysis/test_explain.py::test_at_each_stated_fee
    analysis/test_explain.py::test_who_is_missed
    analysis/test_ladders.py
    analysis/test_planner.py::test_a_bound_is_never
    analysis/test_planner.py::test_changes_that_no
    analysis/test_planner.py::test_each_changed
    analysis/test_planner.py::test_rules_of_logic
    analysis/test_replan.py
    cli/test_commands.py
    cli/test_compare.py
    cli/test_hostile_names.py::test_a
    cli/test_hostile_names.py::test_json
    cli/test_hostile_names.py::test_raw
    cli/test_hostile_names.py::test_segments
    cli/test_interrupted.py::test_ctrl_c_ends
    cli/test_killed.py
    cli/test_new.py::test_a_scenario_over_an_invented_pool
    cli/test_new.py::test_every_size
    cli/test_replan.py
    cli/test_start.py
    cli/test_unwritable.py::test_a_folder_that
    cli/test_unwritable.py::test_a_full_disk_behind
    docs/test_api.py
    docs/test_documented.py::test_each_field_of_a_comparison
    docs/test_documented.py::test_each_field_of_a_plan
    docs/test_documented.py::test_each_problem_code
    docs/test_examples.py::test_the_examples_of_a_page
    docs/test_examples.py::test_the_generated_tables
    estimation/test_formulas.py::test_bookings_are_those
    estimation/test_formulas.py::test_every_quantity_of_every
    estimation/test_formulas.py::test_the_reach_of_some
    expectations/test_measuring.py
    formulation/test_overlaps.py::test_a_plan_keeps
    formulation/test_overlaps.py::test_the_plan_found
    formulation/test_overlaps.py::test_what_a_plan
    formulation/test_rows.py::test_a_plan_breaks
    formulation/test_rows.py::test_every_rule_is_named
    formulation/test_rows.py::test_the_value_of_a_plan
    loading/test_fuzz.py
    loading/test_json_schema.py::test_the_schema_takes
    loading/test_styles.py::test_a_file
    loading/test_time.py
    messages/test_messages.py::test_every_code
    packaging/test_coverage.py
    packaging/test_image.py
    packaging/test_typed.py
    planning/test_brute_force.py
    planning/test_conflicts.py::test_conflicts_of_random
    planning/test_empty.py::test_rules_are_blamed
    planning/test_ladders.py::test_a_plan_is_the_best
    planning/test_ladders.py::test_every_a
    planning/test_ladders.py::test_the_ladders_reach
    planning/test_limits.py
    planning/test_more_budget.py::test_the_word
    planning/test_parts.py
    planning/test_relations.py
    planning/test_relations_of_words.py
    planning/test_repairs.py::test_changes_that_belong
    planning/test_repairs.py::test_every_repair_of_random
    planning/test_rounds.py
    planning/test_runners_up.py::test_they_are
    planning/test_shadow_prices.py::test_a_shadow_price_is
    planning/test_shadow_prices.py::test_loosening
    planning/test_solvers.py::test_plans_that_cbc
    planning/test_solvers.py::test_the_written_program_has
    planning/test_talents.py::test_more_than_a_thousand
    planning/test_ties.py
    planning/test_to_the_cent.py
    planning/test_unspent.py
    pool_file/test_csv_text.py::test_what_the_csv
    pool_file/test_json_list.py::test_what_python
    pool_file/test_workbooks.py::test_a_bomb
    report/test_french.py::test_no_english
    results/test_from_json.py::test_a
    results/test_from_json.py::test_results
    service/test_asks.py::test_every_verb
    service/test_forget.py::test_who_is
    service/test_openapi.py::test_no_request
    service/test_serve.py
    solving/test_backends.py
    solving/test_branch.py
    solving/test_core_path.py
    solving/test_cp_sat.py
    solving/test_cutting_planes.py
    solving/test_differential.py
    solving/test_guided_mip.py
    solving/test_knapsacks.py
    solving/test_known_solver_faults.py::test_a_budget_that
    solving/test_known_solver_faults.py::test_nearly_equal
    solving/test_lagrangian_bound.py::test_no_plan_passes
    solving/test_pulp_backend.py
    stored/test_by_0_1_0.py::test_0_1_0
    stored/test_by_0_1_0.py::test_the_fields
    stored/test_format1.py::test_a_stored_scenario_has
    test_house.py::test_the_code_passes[types]
    test_processes.py
    test_scenarios.py
    test_under_load.py::test_no_loop
    verification/test_agreement.py::test_a_plan_of_a_variant
    verification/test_agreement.py::test_estimates_are
    verification/test_agreement.py::test_every_answer
    verification/test_agreement.py::test_every_shipped
    verification/test_agreement.py::test_no_solver
    verification/test_changed.py
    verification/test_drawn.py
    verification/test_expected.py
    verification/test_fields.py
    verification/test_reached.py::test_a_slope_that_is_changed
    verification/test_reached.py::test_every_answer
    verification/test_reached.py::test_every_tangent
    verification/test_reached.py::test_one_person
""".split()
"""Beginnings of what takes long, mostly since it draws much. All else is marked `quick`, new tests too."""


BYTECODE = pytest.StashKey[str | None]()
"""Where commands in processes of their own keep what was compiled, if nothing is to be written beside the source."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "quick: takes little time; all but what tests/conftest.py lists as slow")
    here = getattr(config, "workerinput", {}).get("bytecode")
    if here is None and sys.dont_write_bytecode:
        here = tempfile.mkdtemp(prefix="bytecode-")
        config.add_cleanup(lambda: shutil.rmtree(here, ignore_errors=True))
    config.stash[BYTECODE] = here
    if here is not None and config.getoption("dist", "no") == "no":  # a worker compiles what it needs only once anyway
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = here


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where bytecode is kept."""
    node.workerinput["bytecode"] = node.config.stash[BYTECODE]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = tuple(f"tests/{beginning}" for beginning in SLOW)
    for item in items:
        if not item.nodeid.startswith(slow) and item.get_closest_marker("browser") is None:
            item.add_marker(pytest.mark.quick)


ROUNDS = 1_500  # of work; the shipped scenarios take up to 1,000


@pytest.fixture(scope="session", autouse=True)
def no_default_limit_of_time() -> Iterator[None]:
    """Where a test gives no limit, work is counted: what is found does not depend on how busy the machine is."""
    of_terms = Terms.clocks

    def clocks(terms: Terms, started: float, goals: int) -> list[Clock]:
        if terms.rounds is None and terms.time_limit_s in (None, DEFAULT_TIME_LIMIT_S):
            return [Clock(cancelled=terms.cancel or (lambda: False), rounds=ROUNDS) for _ in range(goals)]
        return of_terms(terms, started, goals)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Terms, "clocks", clocks)
        yield


FEWER_DRAWS = 1_000  # where a test asks for no other number; the forecast has as many fields with any


@pytest.fixture(scope="session", autouse=True)
def fewer_draws() -> Iterator[None]:
    """Ranges rest on a tenth of the draws, where the usual number is asked for."""

    def some(outlook: Outlook, common: Common, groups: Sequence[Group], draws: int, *rest: Any, **more: Any) -> Ranges:
        return drawn(outlook, common, groups, FEWER_DRAWS if draws == Forecast().draws else draws, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forecast, "drawn", some)
        yield


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return ROOT
