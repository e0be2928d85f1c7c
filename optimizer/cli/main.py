"""The commands. Everything heavy is imported inside them, so that `--help` is quick."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click

from optimizer import __version__
from optimizer.cli import completion, options
from optimizer.cli.alternatives import alternatives
from optimizer.cli.audience import audience
from optimizer.cli.benchmarks import benchmarks
from optimizer.cli.compare import compare
from optimizer.cli.exit_codes import SAID
from optimizer.cli.explain import explain
from optimizer.cli.interrupts import ending
from optimizer.cli.output import to_stdout
from optimizer.cli.replan import replan
from optimizer.cli.schema import schema
from optimizer.cli.serve import serve
from optimizer.cli.sweep import sweep
from optimizer.cli.verify import verify
from optimizer.results.shown import Language
from optimizer.unseen import visible

F = TypeVar("F", bound=Callable[..., Any])

EXIT_CODES = "\n".join(["\b", "Exit codes:", *(f"  {code}  {said}" for code, said in SAID.items())])


def question_options(command: F) -> F:
    """The options of every command that reads a scenario."""
    asked = [
        click.argument("scenario", type=click.Path(path_type=Path)),
        click.option(
            "--variant",
            metavar="NAME",
            shell_complete=completion.variants,
            help="Plan this variant of the scenario.",
        ),
        click.option(
            "--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value, as in --set budget=20_000."
        ),
        options.ROOT,
        options.JSON,
        options.DEBUG,
    ]
    for option in reversed(asked):
        command = option(command)
    return command


class Commands(click.Group):
    """Commands whose messages never contain control characters, including those from click."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if (
            args
            and not ctx.resilient_parsing
            and not args[0].startswith("-")
            and self.get_command(ctx, args[0]) is None
        ):
            raise click.UsageError(_no_command(args[0], self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        with ending(), _messages_visible(), to_stdout():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with ending(), _messages_visible(), to_stdout():
            return super().invoke(ctx)


_KEYS = ("budget", "wallets", "currency", "objective", "creators", "segments", "benchmarks", "exclude", "include")


def _no_command(word: str, commands: list[str]) -> str:
    """What is said of a word that is no command; a file's name alone is often meant to be planned."""
    if Path(word).suffix.lower() in (".yaml", ".yml"):
        return f"{word} is not a command; to plan it: creatormix plan {word}"
    meant = {"optimize": "plan", "optimise": "plan", "solve": "plan", "run": "plan", "validate": "check", "init": "new"}
    near = [meant[word]] if word in meant else get_close_matches(word, commands, n=1)
    hint = f"did you mean {near[0]}?" if near else f"commands are: {', '.join(commands)}"
    return f"there is no command {word}; {hint}"


@contextmanager
def _messages_visible() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption) and error.option_name.lstrip("-") in _KEYS:
            key = error.option_name.lstrip("-")
            raise click.UsageError(
                f"there is no option --{key}; to plan with another value: --set {key}=...", error.ctx
            ) from None
        error.message = visible(error.message)  # type: ignore[misc]  # it is all that these errors show of it
        raise


@click.group(cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="creatormix")
def main() -> None:
    """Choose the mix of creators for a campaign, and prove how good it is.

    \b
    Begin with:
      creatormix new my-campaign
      creatormix plan my-campaign/scenario.yaml
    """
    if hasattr(signal, "SIGPIPE"):  # as other tools do: whoever reads our output may stop reading
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--creators", type=click.IntRange(1, 1_000_000), metavar="N", help="Invent a pool of so many creators instead."
)
@click.option("--seed", type=click.IntRange(0), metavar="S", help="Another seed invents other creators.  [default: 1]")
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet"]), help="Of the invented pool's file.  [default: csv]"
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the scenario for this file of creators, with guesses about its columns.",
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook, with --from.")
@click.option("--header", type=click.IntRange(1), metavar="ROW", help="The row that names the columns, with --from.")
@options.DEBUG
def new(
    folder: Path,
    creators: int | None,
    seed: int | None,
    form: str | None,
    source: Path | None,
    sheet: str | None,
    header: int | None,
    debug: bool,
) -> None:
    """Write a commented starter scenario with a small pool into FOLDER, or one for your own file.

    \b
    Examples:
      creatormix new my-campaign
      creatormix new my-campaign --from agency.xlsx
      creatormix new large --creators 100000 --seed 7 --format parquet
    """
    from optimizer.cli.new import Invented, make_starter

    if source is None and (sheet is not None or header is not None):
        raise click.UsageError("--sheet and --header are about a file of creators; add --from FILE")
    if source is not None:
        from optimizer.cli.from_file import Given, make_from

        if creators is not None or seed is not None or form is not None:
            raise click.UsageError("--from takes a file of creators; --creators, --seed and --format invent one")
        make_from(folder, Given(source, sheet, header), debug)
        return
    if creators is None and (seed is not None or form is not None):
        raise click.UsageError("--seed and --format are about an invented pool; add --creators N")
    make_starter(folder, None if creators is None else Invented(creators, 1 if seed is None else seed, form or "csv"))


@main.command()
@question_options
@click.option("--resolved", is_flag=True, help="Print every value with where it came from.")
@click.option("--solve", is_flag=True, help="Also find out whether any plan can keep all rules; if not, why.")
def check(
    scenario: Path,
    variant: str | None,
    changes: tuple[str, ...],
    root: Path | None,
    as_json: bool,
    debug: bool,
    resolved: bool,
    solve: bool,
) -> None:
    """Check a scenario and its pool without planning.

    \b
    Examples:
      creatormix check scenario.yaml
      creatormix check scenario.yaml --variant lean --resolved
      creatormix check scenario.yaml --solve
    """
    from optimizer.cli.run import Question, run_check

    if resolved and solve:
        raise click.UsageError("choose one of --resolved and --solve")
    run_check(Question(scenario, variant, changes, root, as_json, debug), resolved=resolved, solve=solve)


@main.command()
@question_options
@options.GAP
@options.TIME_LIMIT
@options.ROUNDS
@click.option(
    "--solver",
    default="highs",
    show_default=True,
    metavar="NAME",
    shell_complete=completion.solvers,
    help="What proposes the plan: highs, cbc, or another one that PuLP finds here.",
)
@click.option(
    "--write-model",
    "model",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the program for other solvers, as .lp or .mps.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print the bookings as CSV, safe to open in a spreadsheet.")
@options.CSV_STYLE
@options.RAW_CSV
@options.CARRY
@options.OUT_BY_ENDING
@options.LANGUAGE
@click.option("--all", "everything", is_flag=True, help="List every booking, however many.")
def plan(
    scenario: Path,
    variant: str | None,
    changes: tuple[str, ...],
    root: Path | None,
    as_json: bool,
    debug: bool,
    gap: float,
    time_limit: float | None,
    rounds: int | None,
    solver: str,
    model: Path | None,
    as_csv: bool,
    style: str | None,
    raw_csv: bool,
    carry: tuple[str, ...],
    out: Path | None,
    language: Language,
    everything: bool,
) -> None:
    """Plan a scenario: who to book, on which offer, and how good that is, proved.

    \b
    Examples:
      creatormix plan scenario.yaml
      creatormix plan scenario.yaml --set budget=20_000 --json
      creatormix plan scenario.yaml --csv-style fr --out bookings.csv
      creatormix plan scenario.yaml --out plan.xlsx
      creatormix plan scenario.yaml --out plan.html
      creatormix plan scenario.yaml --solver cbc --write-model program.lp
    """
    from optimizer.cli.answering import Answer
    from optimizer.cli.run import Question, Search, run_plan

    limit = options.checked_limit(time_limit, rounds)
    form, style = options.form_of(as_json, as_csv, raw_csv, style, out)
    answer = Answer(form, out, everything, style, options.columns_of(carry, form), language)
    run_plan(
        Question(scenario, variant, changes, root, as_json, debug), answer, Search(gap, limit, rounds, solver, model)
    )


main.add_command(alternatives)
main.add_command(audience)
main.add_command(compare)
main.add_command(explain)
main.add_command(replan)
main.add_command(sweep)
main.add_command(verify)
main.add_command(benchmarks)
main.add_command(schema)
main.add_command(serve)


if __name__ == "__main__":
    from optimizer.cli.interrupts import listen
    from optimizer.imports import without_pandas

    listen()
    without_pandas()
    main()
