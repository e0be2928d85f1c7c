"""The command `verify`: check a plan against its scenario again, without any solver."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import options


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    help="The scenario's file  [default: the one of this name beside the plan, here, or in scenarios/].",
)
@click.option(
    "--ranges",
    is_flag=True,
    help="Draw the ranges of the forecast again, too: a minute for 200 bookings, more for more.",
)
@options.ROOT
@options.JSON
@options.DEBUG
def verify(plan: Path, scenario: Path | None, ranges: bool, root: Path | None, as_json: bool, debug: bool) -> None:
    """Work out again all that a plan states, and its proof, without any solver.

    PLAN is what `creatormix plan --json` printed. Its scenario and pool must be
    as they were. Estimates, rules, totals and the bound are worked out from
    them and the plan alone. Expected figures follow from the fit that the plan
    states, which is not made again. Exit code 6 says that something does not hold.

    \b
    Examples:
      creatormix plan scenario.yaml --json --out plan.json
      creatormix verify plan.json
      creatormix verify plan.json --scenario campaigns/scenario.yaml --json
    """
    from optimizer.cli.answering import faults, leave, root_of
    from optimizer.cli.exit_codes import FAILED, OK
    from optimizer.cli.output import put
    from optimizer.cli.plan_files import bytes_of, scenario_of
    from optimizer.errors import ScenarioError
    from optimizer.results.as_json import to_json
    from optimizer.unseen import visible

    with faults(str(plan), as_json=as_json, debug=debug, done="verified"):
        from optimizer.loading.load import load_scenario
        from optimizer.results.stated import NotAPlan, read
        from optimizer.results.verification import Verification
        from optimizer.verification.verify import refused
        from optimizer.verification.verify import verify as verified

        result: Verification
        try:
            said = read(bytes_of(plan))
        except NotAPlan as error:
            how = "it is what `creatormix plan SCENARIO --json --out plan.json` writes"
            result = refused(f"this is not a plan: {error}; {how}")
        else:
            path = scenario or scenario_of(said, plan)
            asked = said.get("scenario")
            variant, changes = (asked.get("variant"), asked.get("changes")) if isinstance(asked, dict) else (None, None)
            try:
                loaded = load_scenario(
                    path,
                    root=root_of(path, root),
                    variant=variant if isinstance(variant, str) else None,
                    changes=changes if isinstance(changes, dict) else None,
                )
                result = verified(said, loaded, ranges=ranges)
            except ScenarioError as error:
                if any(problem.code == "file" for problem in error.problems):
                    raise
                result = refused(*(f"the scenario cannot be planned as it is: {problem}" for problem in error.problems))
        put(to_json(result) if as_json else visible(f"{result}\n"))  # a plan may be forged
        leave(OK if result.holds else FAILED)
