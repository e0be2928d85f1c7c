"""A plan as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from optimizer.domain.forecast import Common
from optimizer.report import beside, clash, forecast, views
from optimizer.report.doubts import doubts_text
from optimizer.report.tables import plain, titled_table
from optimizer.results import words
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Allocation, MoreBudget, Plan

_BOOKED_MOST = 20
_TIES = {
    "only": ", and no other does as well",
    "spend": "; of all that do as well, this one spends the least",
    "names": "; others do as well, and none of them spends less",
    "open": "",
}
_AUTHENTICITY = "authenticity changes reach and what follows from it; engagements were measured with all followers"
_SOURCES = {"unknown": "not known, taken as 100 %", "assume": "the scenario's assume", "fit": "the scenario's fit"}


def render(result: Plan | NoPlan, width: int | None = None, everything: bool = False) -> str:
    """A plan, or why there is none, as plain text."""
    return plain(document(result, width or 100, everything), width or 100)


def document(result: Plan | NoPlan, width: int, everything: bool = False) -> RenderableType:
    """The document to print, laid out by a console of some width."""
    if isinstance(result, NoPlan):
        return _no_plan(result, width)
    every = views.biggest_first(result)
    booked = every if everything else every[:_BOOKED_MOST]
    parts: list[RenderableType] = [
        _heading(result),
        Text(),
        *_doubts(result, width),
        _totals(result),
        Text(),
        _rules(result),
        Text(),
        *_forecast(result),
        *_mix(result),
        _booked(result, booked, width),
    ]
    if len(booked) < len(every):
        parts.append(Text(_cut(result, every[len(booked) :])))
    more = (
        _expected(result, booked),
        _sources(result),
        _definitions(result),
        _benchmarks(result),
        _budget(result),
        _beside(result),
        _warnings(result.warnings),
    )
    for part in more:
        if part is not None:
            parts += [Text(), part]
    return Group(*parts)


def _doubts(result: Plan | NoPlan, width: int) -> list[RenderableType]:
    text = doubts_text(result.doubts, width)
    return [Text(text), Text()] if text else []


def proof_words(plan: Plan) -> str:
    """The proved quality of the plan, in a sentence."""
    if plan.claim == "optimal":
        known = "spend" in plan.totals or plan.solver.ties != "names"
        optimal = f"proved optimal{forecast.by_figures(plan)}"
        return f"{optimal}: no plan does better{_TIES[plan.solver.ties] if known else '; others do as well'}"
    solver = f"the solver reports: {plan.solver_claim}"
    if plan.solver.stopped:
        solver = "the search was stopped"
    side = "above" if plan.objective.sense == "minimize" else "below"
    return (
        f"at most {words.shortfall(plan)} {side} the best possible plan, proved{forecast.by_figures(plan)} ({solver})"
    )


def _heading(plan: Plan) -> Text:
    name = plan.scenario.name + (f", variant {plan.scenario.variant}" if plan.scenario.variant else "")
    lines = [name, f"{words.goal(plan)}: {forecast.goal(plan)}", proof_words(plan)]
    lines += [f"changed: {path} = {value}" for path, value in plan.scenario.changes.items()]
    return Text("\n".join(lines))


def _totals(plan: Plan) -> Table:
    table = Table(title="Totals", title_justify="left", box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for _ in range(2):
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
    cells = [(name, words.amount(plan, name, total)) for name, total in plan.totals.items()]
    height = -(-len(cells) // 2)
    for row in range(height):
        line: list[Text] = []
        for column in range(2):
            at = column * height + row
            name, shown = cells[at] if at < len(cells) else ("", "")
            line += [Text(name), Text(shown)]
        table.add_row(*line)
    return table


def _rules(plan: Plan) -> Table:
    rows, chances = [], forecast.chances(plan)
    kept = [[forecast.chance(one)] for one in chances] or [[] for _ in plan.constraints]
    for rule, chance in zip(plan.constraints, kept, strict=True):
        if rule.kind == "logic":
            rows.append([rule.name, rule.says, "kept", "", words.price(plan, rule), *chance])
            continue
        value = "none" if rule.value is None else words.rule_value(plan, rule, rule.value)
        texts = [words.rule_name(rule), words.bounds(plan, rule)]
        rows.append([*texts, value, words.room(plan, rule), words.price(plan, rule), *chance])
    rows = rows or [["no rules", "", "", "", ""]]
    numbers = ["value", "room", "price", *(["chance"] if chances else [])]
    table = titled_table("Rules", ["rule", "bound"], numbers, rows)
    goal = next(iter(plan.objective.of)) if len(plan.objective.of) == 1 else "the objective"
    table.caption = words.price_caption(f"in {goal}", "saves" if plan.objective.sense == "minimize" else "gains")
    table.caption_justify = "left"
    return table


def _forecast(plan: Plan) -> list[RenderableType]:
    """The ranges of totals."""
    rows = forecast.listed(plan)
    if plan.forecast is None or not rows:
        return []
    table = titled_table("Forecast", ["quantity"], ["expected", "four in five", "each by itself"], rows)
    guess = ", which are our guess" if plan.forecast.common == _GUESSED else ""
    table.caption = (
        f"four in five of {plan.forecast.draws:,} draws lie between these; each by itself: without the errors that"
        f" bookings share{guess}"
    )
    table.caption_justify = "left"
    return [table, Text()]


_GUESSED = asdict(Common())


def _expected(plan: Plan, shown: Sequence[Allocation]) -> RenderableType | None:
    """What was measured beside what is expected, of each booking that is listed."""
    found = forecast.of_bookings(plan, shown)
    if found is None:
        return None
    name, rows = found
    title = f"Expected {views.headed(plan, name)} of each"
    return titled_table(title, ["creator", "measured over"], ["measured", "expected", "middle", "four in five"], rows)


def _mix(plan: Plan) -> list[RenderableType]:
    """The outcome and cost of each offer in each tier, which shows where a gift beats a fee."""
    view = views.mix(plan)
    if view is None:
        return []
    texts, numbers = view.columns[:2], view.columns[2:]
    rows = [
        [*map(str, row[:2]), *(_cell(plan, *one) for one in zip(numbers, row[2:], strict=True))] for row in view.rows
    ]
    headings = [column.name if column.name != "spend" else views.headed(plan, "spend") for column in numbers]
    return [titled_table("Mix", [column.name for column in texts], headings, rows), Text()]


def _cell(plan: Plan, column: views.Column, value: views.Raw | views.Valued) -> str:
    """A number of a view."""
    if not isinstance(value, (int, float)):
        return ""
    if column.kind == "money_each":
        return f"{value:,.{plan.decimals + 2}f}"
    return _count(value) if column.name == "bookings" else words.bare(plan, column.name, value)


def _booked(plan: Plan, shown: Sequence[Allocation], width: int) -> RenderableType:
    if not plan.allocations:
        return Text(_nobody(plan))
    asked = [rule.quantity for rule in plan.constraints if rule.quantity in ("impressions", "conversions")]
    wanted = dict.fromkeys(["spend", *plan.objective.of, "engagements", *asked])
    columns = [name for name in wanted if any(name in booking.values for booking in plan.allocations)]
    labels = [
        label
        for label in ("tier", "platform", "niche")
        if len({booking.labels.get(label) for booking in plan.allocations}) > 1
    ]
    letters = views.marks(plan)
    # dropped first on a narrow page
    for spare in ("platform", *asked, "engagements", "niche", "tier"):
        if _needed_width(shown, labels, columns, letters) <= width:
            break
        labels = [label for label in labels if label != spare]
        columns = [name for name in columns if name != spare or name in plan.objective.of]
    rows = []
    for booking in shown:
        texts = [
            booking.creator + _times(booking),
            booking.offer,
            *(booking.labels.get(label) or "" for label in labels),
            *([views.mark_of(booking, letters)] if letters else []),
        ]
        rows.append([*texts, *(words.bare(plan, name, booking.values.get(name)) for name in columns)])
    headings = [views.headed(plan, name) for name in columns]
    return titled_table("Booked", ["creator", "offer", *labels, *(["figures"] if letters else [])], headings, rows)


def _cut(plan: Plan, rest: Sequence[Allocation]) -> str:
    """What the list of bookings leaves out."""
    parts = []
    for name in dict.fromkeys(["spend", *plan.objective.of]):
        if any(name in booking.values for booking in rest):
            left_out, whole = views.total_of(rest, name), views.total_of(plan.allocations, name)
            parts.append(f"{words.bare(plan, name, left_out)} of {words.amount(plan, name, whole)} {name}")
    count = sum(booking.count for booking in rest)
    more = f"{_count(count)} more {'booking' if count == 1 else 'bookings'}"
    return f"... and {more} with {' and '.join(parts)}: --all lists them"


def _times(booking: Allocation) -> str:
    """How often a segment is booked, and what these bookings keep of their outcome."""
    if booking.count == 1 and booking.keeps in (None, 1):
        return ""
    count = f"{booking.count:,}" if isinstance(booking.count, int) else f"{booking.count:,.4f}".rstrip("0")
    return f" x {count}" if booking.keeps in (None, 1) else f" x {count} (each keeps {words.percent(booking.keeps)})"


def _needed_width(
    shown: Sequence[Allocation], labels: list[str], columns: list[str], letters: Mapping[tuple[str, str], str]
) -> int:
    """The approximate width of the table of bookings."""
    longest = [max(len(booking.creator + _times(booking)) for booking in shown)]
    longest.append(max(len(booking.offer) for booking in shown))
    for label in labels:
        longest.append(max([len(label), *(len(booking.labels.get(label) or "") for booking in shown)]))
    if letters:
        longest.append(max([len("figures"), *(len(views.mark_of(booking, letters)) for booking in shown)]))
    return sum(min(length, 40) + 3 for length in longest) + 15 * len(columns)


def _sources(plan: Plan) -> RenderableType | None:
    """The sources of estimated figures, counted over the bookings, with the letters that mark them at each booking."""
    view, letters = views.figures(plan), views.marks(plan)
    if not view.rows:
        return None
    rows = [
        [
            letters[str(name), str(source)],
            str(name),
            _SOURCES.get(str(source), str(source)),
            f"{_of(count)} of {_of(total)}",
        ]
        for name, _, source, count, total in view.rows
    ]
    title = "Estimated figures (all others are the creators' own)"
    table = titled_table(title, ["", "figure", "from"], ["bookings"], rows)
    kinds = {str(kind) for kind in view.column("kind")}
    said = {views.ASSUMED: "small letters: assumed", views.BENCHMARK: "capital letters: from a benchmark pack"}
    lines = ["; ".join(text for kind, text in said.items() if kind in kinds)]
    lines += [_AUTHENTICITY] if "authenticity" in view.column("figure") else []
    return Group(table, *map(Text, lines))


def _of(count: views.Raw | views.Valued) -> str:
    return _count(count) if isinstance(count, (int, float)) else ""


def _definitions(plan: Plan) -> Text | None:
    """What figures of the creators count, where that is known."""
    if not plan.definitions:
        return None
    return Text("\n".join(f"{name} counts: {meaning}" for name, meaning in sorted(plan.definitions.items())))


def _count(count: float) -> str:
    return f"{int(count):,}" if count == int(count) else f"{count:,.2f}"


def _benchmarks(plan: Plan) -> RenderableType | None:
    """The figures of benchmark packs that were used, and those that were passed over for others."""
    if not plan.benchmarks:
        return None
    rows = []
    for said in plan.benchmarks:
        ranged = "" if said.low is None else f"{said.low} to {said.high}"
        use = "passed over" if said.passed_over else said.level
        rows.append([said.pack, f"{said.figure}: {said.speaks_of}", said.value, ranged, use])
    table = titled_table("Benchmarks", ["pack", "figure"], ["value", "range", "used"], rows)
    sources = dict.fromkeys(f"{said.pack}: {said.source}, {said.date}" for said in plan.benchmarks)
    return Group(table, *(Text(source) for source in sources))


def _budget(plan: Plan) -> Text | None:
    """The unspent budget, and the plan that was found with a little more."""
    named = (rule for rule in plan.constraints if rule.name in ("budget", "budget spend"))
    budget = next((rule for rule in named if rule.quantity in ("spend", "cost") and rule.kind == "absolute"), None)
    if budget is None:
        return None
    note = f" ({budget.note})" if budget.note else ""
    left = words.amount(plan, "spend", budget.room)
    lines = [f"Of the budget{note}, {left} is left." if budget.room else f"The budget{note} is spent in full."]
    if plan.unspent is not None and budget.room:
        lines.append(f"{plan.unspent.why[0].upper()}{plan.unspent.why[1:]}.")
    if plan.more_budget is not None:
        lines.append(_more(plan, plan.more_budget, " for creators" if budget.note else ""))
    return Text("\n".join(lines))


def _more(plan: Plan, more: MoreBudget, whom: str) -> str:
    """The effect of the plan that was found with a little more budget."""
    amount = f"{more.amount:,.0f} {plan.currency} more{whom}"
    if not more.difference:
        return f"{amount} would bring nothing: it is proved that no plan would be better."
    value, (name, *others) = words.goal_value(plan, more.value), plan.objective.of
    brings = f"that brings {name} of {value}" if words.is_money(plan, name) else f"that brings {value} {name}"
    if others or plan.objective.of[name] != 1:
        brings = f"whose objective is {value}"
    return f"With {amount}, a plan was found {brings}: {words.goal_value(plan, more.difference)} more."


def _beside(result: Plan | NoPlan) -> Text | None:
    """Who was nearest to being booked, and who was not considered."""
    lines = [beside.runners_up(result)] if isinstance(result, Plan) else []
    lines.append(beside.left_out(result.excluded, result.considered))
    return Text("\n".join(filter(None, lines))) if any(lines) else None


def _warnings(warnings: tuple[str, ...]) -> Text | None:
    return Text("\n".join(["Warnings", *(f"- {warning}" for warning in warnings)])) if warnings else None


def _nobody(plan: Plan) -> str:
    """Why a plan is empty, as far as known."""
    if plan.conflicts:
        first, *lines = clash.conflicts(plan)
        return "\n".join([f"Booked: nobody. The plan is empty: {first}", *lines, *clash.ways(plan)])
    useless = " No booking that keeps the rules helps the objective."
    return f"Booked: nobody.{useless if plan.objective.gap_absolute == 0 else ''}"


def _no_plan(result: NoPlan, width: int) -> RenderableType:
    name = result.scenario.name + (f", variant {result.scenario.variant}" if result.scenario.variant else "")
    lines = [name, "No plan." if result.outcome == "infeasible" else "No plan found."]
    lines += clash.conflicts(result) if result.conflicts else [result.reason]
    lines += [f"changed: {path} = {value}" for path, value in result.scenario.changes.items()]
    doubts = doubts_text(result.doubts, width)
    parts: list[RenderableType] = [Text("\n".join([*lines, *clash.ways(result)]))]
    for part in (Text(doubts) if doubts else None, _beside(result), _warnings(result.warnings)):
        parts += [Text(), part] if part is not None else []
    return Group(*parts)
