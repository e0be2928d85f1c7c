"""The verbs as a worker carries them out: arguments as plain values in, an answer in one or more forms out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.domain.scenario import Scenario
from optimizer.loading.load import as_written, changed_scenario, idle_variants, load_scenario, variant_names
from optimizer.results.as_json import dumps, to_json
from optimizer.results.errors import InfeasibleError, NoPlanFoundError

if TYPE_CHECKING:
    from optimizer.report.document import Table
    from optimizer.solving.search import Progress

Forms = dict[str, str | bytes]
Arguments = Mapping[str, Any]
_BY_LIST = (("book", "include"), ("leave_out", "exclude"))  # arguments that add to a list of the scenario


@dataclass(frozen=True)
class Asking:
    """What surrounds one request: whom progress is told, and whether the best so far is wanted."""

    tell: Callable[[Mapping[str, Any]], None]
    stop: Callable[[], bool]
    seconds: float
    plans: Mapping[str, str] = field(default_factory=dict)

    def progress(self, progress: Progress) -> None:
        """Tell how far a search is."""
        self.tell({"seconds": progress.seconds, "value": progress.value, "bound": progress.bound})

    def named(self, what: str, progress: Progress | None) -> None:
        """Tell what is worked on."""
        searched = {} if progress is None else {"value": progress.value, "bound": progress.bound}
        self.tell({"at": what, **searched})

    def counted(self, done: int, of: int) -> None:
        """Tell how much is done."""
        self.tell({"done": done, "of": of})

    def limits(self, said: Arguments) -> dict[str, Any]:
        """Gap, rounds and time; nobody gets more time than a job may take."""
        found = {name: said[name] for name in ("gap", "rounds") if said.get(name) is not None}
        return {**found, "time_limit_s": min(said.get("time_limit_s") or self.seconds, self.seconds)}


@dataclass(frozen=True)
class Tables:
    """A result as tables: the one of its CSV, and those of its workbook with the decimals of money."""

    csv: str
    sheets: Sequence[Table]
    decimals: int


def _forms(found: Any, said: Arguments, tables: Tables | None = None) -> Forms:
    """A result in every form that it has; pages and workbooks in the language that is asked for."""
    from optimizer.report.language import speaker
    from optimizer.report.workbook import workbook

    language = said.get("language") or "en"
    forms: Forms = {"json": to_json(found), "html": found.to_html(language=language)}
    if tables is not None:
        sheets = speaker(language, found).tables(tables.sheets)
        forms |= {"csv": tables.csv, "xlsx": workbook(sheets, tables.decimals)}
    return forms


class Session:
    """A scenario in a folder, loaded once for each variant that is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._version = ""
        self._main = folder
        self._loaded: dict[str | None, Scenario] = {}

    def at(self, main: str, version: str) -> None:
        """Work on this version of the files."""
        self._main = self._folder / main
        if version != self._version:
            self._version = version
            self._loaded.clear()

    def scenario(self, said: Arguments) -> Scenario:
        """The scenario as a case asks for it: a variant, changes, who is booked and who is left out."""
        variant = said.get("variant")
        if variant not in self._loaded:
            self._loaded[variant] = load_scenario(self._main, root=self._folder, variant=variant)
        loaded = self._loaded[variant]
        changes = dict(said.get("changes") or {})
        for argument, key in _BY_LIST:
            if said.get(argument):
                changes[key] = self._added(loaded, key, changes.get(key), said[argument])
        return changed_scenario(loaded, changes) if changes else loaded

    def answer(self, verb: str, said: Arguments, asking: Asking) -> Forms:
        """The answer of a verb.

        Raises
        ------
        ScenarioError, DocumentError, CheckError
            As the verb does.
        ValueError
            If an argument cannot be.
        """
        try:
            return _VERBS[verb](self, said, asking)
        except (InfeasibleError, NoPlanFoundError) as error:
            return {"json": to_json(error.result)}

    # --- the verbs ---

    def _check(self, said: Arguments, _: Asking) -> Forms:
        from optimizer.analysis.check import check
        from optimizer.errors import ScenarioError
        from optimizer.results.no_plan import NoPlan

        problems, warnings = idle_variants(self._main, root=self._folder, chosen=said.get("variant"))
        if problems:
            raise ScenarioError(problems)
        found = check(self.scenario(said), warnings, solve=bool(said.get("solve")))
        return {"json": to_json(found) if isinstance(found, NoPlan) else dumps(found.to_dict())}

    def _plan(self, said: Arguments, asking: Asking) -> Forms:
        from optimizer.planning.optimize import try_optimize

        scenario = self.scenario(said)
        limits = asking.limits(said)
        return {"json": to_json(try_optimize(scenario, **limits, on_progress=asking.progress, cancel=asking.stop))}

    def _compare(self, said: Arguments, asking: Asking) -> Forms:
        from optimizer.analysis.compare import compare
        from optimizer.report.as_csv import roster_csv
        from optimizer.report.sheets import comparison_sheets

        cases = [(one["name"], self._case(one, asking)) for one in said["cases"]]
        each = {**said, "time_limit_s": (said.get("time_limit_s") or asking.seconds) / len(cases)}
        found = compare(
            cases, **asking.limits(each), why=bool(said.get("why")), on_progress=asking.named, cancel=asking.stop
        )
        tables = None
        if found.base is not None:
            decimals = max(one.plan.decimals for one in found.cases if one.plan)
            tables = Tables(roster_csv(found), comparison_sheets(found), decimals)
        return _forms(found, said, tables)

    def _sweep(self, said: Arguments, asking: Asking) -> Forms:
        from optimizer.analysis.sweep import sweep
        from optimizer.report.as_csv import sweep_csv
        from optimizer.report.sweep_page import sweep_sheets

        names = ("vary", "frontier", "points", "gap", "rounds", "time_limit_s", "ranges")
        asked = {name: said[name] for name in names if said.get(name) is not None}
        found = sweep(self.scenario(said), **asked, on_progress=asking.counted, cancel=asking.stop)
        return _forms(found, said, Tables(sweep_csv(found), sweep_sheets(found), found.decimals))

    def _explain(self, said: Arguments, asking: Asking) -> Forms:
        from optimizer.analysis.explain import explain

        asked = {name: said[name] for name in ("creators", "rules", "figures") if said.get(name) is not None}
        found = explain(
            self.scenario(said), **asked, **asking.limits(said), on_progress=asking.named, cancel=asking.stop
        )
        return _forms(found, said)

    def _alternatives(self, said: Arguments, asking: Asking) -> Forms:
        from optimizer.analysis.alternatives import alternatives
        from optimizer.report import alternatives as report
        from optimizer.report.as_csv import table_csv

        asked = {name: said[name] for name in ("within", "count") if said.get(name) is not None}
        found = alternatives(
            self.scenario(said), **asked, **asking.limits(said), on_progress=asking.progress, cancel=asking.stop
        )
        return _forms(found, said, Tables(table_csv(report.who(found)), report.sheets(found), found.best.decimals))

    def _replan(self, said: Arguments, asking: Asking) -> Forms:
        from optimizer.analysis.replan import replan

        document = asking.plans[said["plan"]]
        results = self._own(said["file"]) if said.get("file") else _answers(document, said["results"])
        keep = {} if said.get("keep") is None else {"keep": said["keep"]}
        found = replan(
            document,
            results,
            scenario=self._of_plan(document),
            changes=said.get("changes"),
            **keep,
            **asking.limits(said),
            on_progress=asking.progress,
            cancel=asking.stop,
        )
        return {"json": to_json(found)}

    def _verify(self, said: Arguments, asking: Asking) -> Forms:
        from optimizer.verification.verify import verify

        document = asking.plans[said["plan"]]
        return {"json": to_json(verify(document, self._of_plan(document), ranges=bool(said.get("ranges"))))}

    def _start(self, said: Arguments, _: Asking) -> Forms:
        """A scenario for a file of creators."""
        from optimizer.guessing.guess import guess
        from optimizer.guessing.read import FIELDS, read_unknown
        from optimizer.guessing.scenario import Writing, draft

        file = said["file"]
        table = read_unknown(self._folder / file, file, said.get("sheet"), said.get("header"), FIELDS)
        guesses = guess(table)
        title = said.get("name") or Path(file).stem
        made = draft(Writing(file, title, table, guesses, said.get("sheet"), said.get("header")))
        return {
            "json": dumps(
                {
                    "format": "creatormix/started/1",
                    "text": made.text,
                    "asks": list(made.asks),
                    "rows": len(table.rows),
                    "preset": guesses.preset.name if guesses.preset else None,
                    "guesses": [
                        {"column": each.ours, "from": list(each.columns), "why": each.why, "sure": each.sure}
                        for each in guesses.columns.values()
                    ],
                }
            )
        }

    def _outline(self, said: Arguments, _: Asking) -> Forms:
        """What forms offer: rules, budget, quantities, columns to group by and their values."""
        from optimizer.service.outline import outline

        variants = variant_names(self._main, root=self._folder)
        return {"json": dumps(outline(self.scenario(said), variants))}

    def _forget(self, said: Arguments, _: Asking) -> Forms:
        """The files that name a creator, without them."""
        import base64
        import json

        from optimizer.errors import Place, Problem, ScenarioError
        from optimizer.pool_file.without import NamedInTextError, without

        problems, changed = [], {}
        mend = "change the scenario so that it does without them, then ask again"
        for path in sorted(one for one in self._folder.rglob("*") if one.is_file()):
            name, content = path.relative_to(self._folder).as_posix(), path.read_bytes()
            try:
                edited = without(name, content, said["creator"])
            except NamedInTextError as error:
                where = [Place(name, line) for line in error.lines]
                problems += [Problem("forget-named", "this line names the creator", mend, place) for place in where]
            except Exception as error:  # noqa: BLE001  a damaged file may break any of its readers
                cause = (
                    f"this file cannot be read ({type(error).__name__}), so nobody knows whether it names the creator"
                )
                problems.append(Problem("forget-file", cause, "remove the file, then ask again", Place(name)))
            else:
                if edited != content:
                    changed[name] = base64.b64encode(edited).decode()
        if problems:
            raise ScenarioError(problems)
        return {"json": json.dumps({"files": changed})}

    # --- inside ---

    def _own(self, name: str) -> Path:
        """A file of the scenario, and of nothing else."""
        path, home = (self._folder / name).resolve(), self._folder.resolve()
        if not path.is_relative_to(home) or not path.is_file():
            raise ValueError("the scenario has no file of that name: send it first")
        return path

    def _case(self, said: Arguments, asking: Asking) -> Any:
        """A case of a comparison: a saved plan, or a scenario to be planned."""
        if said.get("plan") is None:
            return self.scenario(said)
        from optimizer.results.no_plan import NoPlan
        from optimizer.results.plan import Plan
        from optimizer.results.stated import read

        document = asking.plans[said["plan"]]
        kind = Plan if read(document).get("outcome") == "plan" else NoPlan
        return kind.from_json(document)

    def _of_plan(self, document: str) -> Scenario:
        """The scenario of a plan, with its variant and changes."""
        from optimizer.results.stated import read

        asked = read(document).get("scenario")
        said = asked if isinstance(asked, dict) else {}
        return self.scenario({"variant": said.get("variant"), "changes": said.get("changes")})

    def _added(self, scenario: Scenario, key: str, changed: Any, more: list[str]) -> str:
        """A list of the scenario with more names."""
        from optimizer.loading.source import Node, parse_yaml

        document = parse_yaml(f"{key}: {changed}\n".encode(), key) if changed is not None else scenario.resolved
        node = document.at((key,)) if isinstance(document, Node) else None
        said = node.plain() if node is not None else None
        known = said if isinstance(said, list) else [] if said is None else [said]
        return as_written([*known, *(name for name in more if name not in known)])


def _answers(document: str, rows: list[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows of answers as the columns of a file of results; all are of this plan."""
    from optimizer.results.stated import read

    names = ("creator", "offer", "status", "fee")
    columns = {
        name: [row.get(name) for row in rows] for name in names if any(row.get(name) is not None for row in rows)
    }
    return {"plan_id": [read(document)["digest"]] * len(rows), **columns}


_VERBS: Mapping[str, Callable[[Session, Arguments, Asking], Forms]] = {
    "check": Session._check,
    "plan": Session._plan,
    "compare": Session._compare,
    "sweep": Session._sweep,
    "explain": Session._explain,
    "alternatives": Session._alternatives,
    "replan": Session._replan,
    "verify": Session._verify,
    "forget": Session._forget,
    "start": Session._start,
    "outline": Session._outline,
}
