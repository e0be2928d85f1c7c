"""The parts of a plan's documents: tables of raw values, key figures and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from optimizer.domain.forecast import Common
from optimizer.domain.quantities import HELD_BACK, RATIOS
from optimizer.report import beside, clash, forecast, goals, views
from optimizer.report.document import Cell, Column, Figures, Table, Valued, Words, words_of
from optimizer.results import words
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import Allocation, ConstraintResult, MoreBudget, Plan

_TIES = {
    "only": ", and no other does as well",
    "spend": "; of all that do as well, this one spends the least",
    "names": "; others do as well, and none of them spends less",
    "open": "",
}
_AUTHENTICITY = "authenticity changes reach and what follows from it; engagements were measured with all followers"
_SOURCES = {"unknown": "not known, taken as 100 %", "assume": "the scenario's assume", "fit": "the scenario's fit"}
_GUESSED = asdict(Common())
_LONG_CHANGE = 80


def named(result: Plan | NoPlan) -> str:
    """The name of what was asked, with its variant."""
    return result.scenario.name + (f", variant {result.scenario.variant}" if result.scenario.variant else "")


def changed(result: Plan | NoPlan) -> list[str]:
    """What was changed for this run."""
    return [f"changed: {path} = {_cut(value)}" for path, value in result.scenario.changes.items()]


def _cut(value: str) -> str:
    """A value that may be a long list, cut; the JSON has all of it."""
    return value if len(value) <= _LONG_CHANGE else f"{value[:_LONG_CHANGE]}..."


def proof_words(plan: Plan) -> str:
    """The proved quality of the plan, in a sentence."""
    if plan.goals:
        return goals.proof(plan)
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


def totals(plan: Plan) -> Figures:
    """Each quantity and ratio of the whole plan."""
    return Figures("Totals", tuple((name, views.valued(plan, name, total)) for name, total in plan.totals.items()))


def people(plan: Plan) -> tuple[Table | Words, ...]:
    """Whom the plan reaches: how often, by how many creators, and which two of them share the most people."""
    found = plan.people
    if found is None:
        return ()

    def counted(number: float) -> str:
        return words.written(number, "count", 0)

    lines = [
        f"{counted(found.reach)} people are reached, each counted once; {counted(found.gross_reach)} contacts,"
        f" {found.contacts_each or 0:,.2f} for each of them."
        f" {counted(found.by_two)} are reached by two creators or more, {counted(found.by_three)} by three or more."
    ]
    if found.estimated:
        lines.append("How many people there are was drawn from the pool: `audience: {sizes: ...}` says it.")
    if HELD_BACK in plan.totals:
        judged = counted(plan.totals[HELD_BACK])
        lines.append(f"By people of the sample who were kept back, {judged} are reached: choosing flatters the others.")
    if found.fallback_share:
        share = words.percent(found.fallback_share)
        lines.append(f"{share} of the reach is by creators of whose overlap nothing was learned.")
    rows = tuple((*pair.creators, pair.people) for pair in found.shared)
    columns = (Column("creator"), Column("and"), Column("people of both", "count"))
    return Words(tuple(lines), title="People"), *([Table("Most people in common", columns, rows)] if rows else [])


def rules(plan: Plan) -> Table:
    """How each rule stands, and what more room in it would bring."""
    chances = forecast.chances(plan)
    kept: list[tuple[Cell, ...]] = [(Valued(one, "chance"),) for one in chances] or [()] * len(plan.constraints)
    rows = tuple((*rule_cells(plan, rule), *chance) for rule, chance in zip(plan.constraints, kept, strict=True))
    numbers = ("value", "room", "price", *(["chance"] if chances else []))
    of = next(iter(plan.objective.of)) if len(plan.objective.of) == 1 else "the objective"
    caption = words.price_caption(f"in {of}", "saves" if plan.objective.sense == "minimize" else "gains")
    columns = (Column("rule"), Column("bound"), *(Column(name, "words") for name in numbers))
    return Table("Rules", columns, rows, caption, empty="no rules")


def rule_cells(plan: Plan, rule: ConstraintResult) -> tuple[str, str, Cell, Cell, str]:
    """A rule, its bound, its value, the room that is left, and its price."""
    if rule.kind == "logic":
        return rule.name, rule.says, "kept", "", words.price(plan, rule)
    of = RATIOS[rule.quantity].numerator if rule.kind == "ratio" else rule.quantity
    value: Cell = "none"
    if rule.value is not None and rule.kind == "share":
        value = Valued(rule.value, "share")
    elif rule.value is not None:
        kind, decimals = views.kind_of(plan, rule.quantity), words.rule_decimals(plan, rule, rule.value)
        value = Valued(rule.value, kind, plan.currency if kind == "money" else "", decimals)
    room = views.valued(plan, of, rule.room)
    return words.rule_name(rule), words.bounds(plan, rule), value, room, words.price(plan, rule)


def ranges(plan: Plan) -> Table | None:
    """The ranges of totals."""
    rows = forecast.listed(plan)
    if plan.forecast is None or not rows:
        return None
    guess = ", which are our guess" if plan.forecast.common == _GUESSED else ""
    caption = (
        f"four in five of {plan.forecast.draws:,} draws lie between these; each by itself: without the errors that"
        f" bookings share{guess}"
    )
    headings = ("expected", "four in five", "each by itself")
    return Table("Forecast", (Column("quantity"), *(Column(name, "words") for name in headings)), rows, caption)


def mix(plan: Plan) -> Table | None:
    """The outcome and cost of each offer in each tier, which shows where a gift beats a fee."""
    view = views.mix(plan)
    if view is None:
        return None
    rows = tuple((*row[:2], _counted(row[2]), *row[3:]) for row in view.rows)
    spend = Column(views.headed(plan, "spend"), "money")
    return Table(view.title, tuple(spend if one.name == "spend" else one for one in view.columns), rows)


def booked(plan: Plan, shown: Sequence[Allocation], *, ranged: bool = False) -> Table | Words:
    """Who is booked on what, with spend and what counts; where it is `ranged`, with the range of each booking."""
    if not plan.allocations:
        return Words(tuple(_nobody(plan)))
    asked = [rule.quantity for rule in plan.constraints if rule.quantity in ("impressions", "conversions")]
    wanted = dict.fromkeys(["spend", *plan.objective.of, "engagements", *asked])
    numbers = [name for name in wanted if any(name in booking.values for booking in plan.allocations)]
    adds = plan.people is not None
    labels = [
        label
        for label in ("tier", "platform", "niche")
        if len({booking.labels.get(label) for booking in plan.allocations}) > 1
    ]
    letters = views.marks(plan)
    drawn = forecast.quantity_of(plan) if ranged else None
    rows = tuple(
        (
            booking.creator + _times(booking),
            booking.offer,
            *(booking.labels.get(label) or "" for label in labels),
            *([views.mark_of(booking, letters)] if letters else []),
            *(booking.values.get(name) for name in numbers),
            *([booking.adds_people] if adds else []),
            *([forecast.between(plan, drawn, booking.forecast.get(drawn))] if drawn else []),
        )
        for booking in shown
    )
    texts = ["creator", "offer", *labels, *(["figures"] if letters else [])]
    return Table(
        "Booked",
        (
            *map(Column, texts),
            *(Column(views.headed(plan, name), views.kind_of(plan, name)) for name in numbers),
            *([Column("adds people", "count")] if adds else []),
            *([Column(f"{drawn}, four in five", "words")] if drawn else []),
        ),
        rows,
        spare=tuple(
            name
            for name in ("platform", *asked, "engagements", "niche", "tier")
            if name in labels or name not in plan.objective.of
        ),
    )


def cut(plan: Plan, rest: Sequence[Allocation], where: str) -> str:
    """What a list of bookings leaves out, and where that is."""
    if not rest:
        return ""
    parts = []
    for name in dict.fromkeys(["spend", *plan.objective.of]):
        if any(name in booking.values for booking in rest):
            left_out, whole = views.total_of(rest, name), views.total_of(plan.allocations, name)
            parts.append(f"{words.bare(plan, name, left_out)} of {words.amount(plan, name, whole)} {name}")
    count = sum(booking.count for booking in rest)
    more = f"{words.written(count, 'count', 2)} more {'booking' if count == 1 else 'bookings'}"
    return f"... and {more} with {' and '.join(parts)}: {where}"


def _times(booking: Allocation) -> str:
    """How often a segment is booked, and what these bookings keep of their outcome."""
    if booking.count == 1 and booking.keeps in (None, 1):
        return ""
    count = f"{booking.count:,}" if isinstance(booking.count, int) else f"{booking.count:,.4f}".rstrip("0")
    return f" x {count}" if booking.keeps in (None, 1) else f" x {count} (each keeps {words.percent(booking.keeps)})"


def expected(plan: Plan, shown: Sequence[Allocation]) -> Table | None:
    """What was measured beside what is expected, of each booking that is listed."""
    name = forecast.quantity_of(plan)
    rows = () if name is None else forecast.of_bookings(plan, name, shown)
    if name is None or not rows:
        return None
    kind = views.kind_of(plan, name)
    numbers = (*(Column(one, kind) for one in ("measured", "expected", "middle")), Column("four in five", "words"))
    title = f"Expected {views.headed(plan, name)} of each"
    return Table(title, (Column("creator"), Column("measured over"), *numbers), rows)


def sources(plan: Plan) -> tuple[Table | Words, ...]:
    """The sources of estimated figures, counted over the bookings, with the letters that mark them at each booking."""
    view, letters = views.figures(plan), views.marks(plan)
    if not view.rows:
        return ()
    rows = tuple(
        (
            letters[str(name), str(source)],
            name,
            _SOURCES.get(str(source), str(source)),
            f"{_count(count)} of {_count(total)}",
        )
        for name, _, source, count, total in view.rows
    )
    columns = (Column(""), Column("figure"), Column("from"), Column("bookings", "words"))
    kinds = {str(kind) for kind in view.column("kind")}
    said = {views.ASSUMED: "small letters: assumed", views.BENCHMARK: "capital letters: from a benchmark pack"}
    lines = ["; ".join(text for kind, text in said.items() if kind in kinds)]
    lines += [_AUTHENTICITY] if "authenticity" in view.column("figure") else []
    return Table("Estimated figures (all others are the creators' own)", columns, rows), *words_of(*lines)


def _count(count: Cell) -> str:
    return words.written(count, "count", 2) if isinstance(count, (int, float)) else ""


def _counted(count: Cell) -> Valued:
    """How many bookings, which may be parts."""
    return Valued(count if isinstance(count, (int, float)) else None, "count", decimals=2)


def definitions(plan: Plan) -> tuple[Words, ...]:
    """What figures of the creators count, where that is known."""
    return words_of(*(f"{name} counts: {meaning}" for name, meaning in sorted(plan.definitions.items())))


def benchmarks(plan: Plan) -> tuple[Table | Words, ...]:
    """The figures of benchmark packs that were used, and those that were passed over for others."""
    if not plan.benchmarks:
        return ()
    rows = tuple(
        (
            said.pack,
            f"{said.figure}: {said.speaks_of}",
            said.value,
            "" if said.low is None else f"{said.low} to {said.high}",
            "passed over" if said.passed_over else said.level,
        )
        for said in plan.benchmarks
    )
    columns = (Column("pack"), Column("figure"), *(Column(name, "words") for name in ("value", "range", "used")))
    origins = dict.fromkeys(f"{said.pack}: {said.source}, {said.date}" for said in plan.benchmarks)
    return Table("Benchmarks", columns, rows), *words_of(*origins)


def budget(plan: Plan) -> tuple[Words, ...]:
    """The unspent budget, and the plan that was found with a little more."""
    rule = budget_rule(plan)
    if rule is None:
        return ()
    note = f" ({rule.note})" if rule.note else ""
    left = words.amount(plan, "spend", rule.room)
    lines = [f"Of the budget{note}, {left} is left." if rule.room else f"The budget{note} is spent in full."]
    if plan.unspent is not None and rule.room:
        lines.append(f"{plan.unspent.why[0].upper()}{plan.unspent.why[1:]}.")
    if plan.more_budget is not None:
        lines.append(_more(plan, plan.more_budget, " for creators" if rule.note else ""))
    return words_of(*lines)


def budget_rule(plan: Plan) -> ConstraintResult | None:
    """The rule that the budget is."""
    found = (rule for rule in plan.constraints if rule.name in ("budget", "budget spend"))
    return next((rule for rule in found if rule.quantity in ("spend", "cost") and rule.kind == "absolute"), None)


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


def not_booked(result: Plan | NoPlan) -> tuple[Words, ...]:
    """Who was nearest to being booked, and who was not considered."""
    nearest = beside.runners_up(result) if isinstance(result, Plan) else ""
    return words_of(nearest, beside.left_out(result.excluded, result.considered))


def warnings(said: Sequence[str]) -> tuple[Words, ...]:
    """The warnings as a list."""
    return words_of(*(f"- {warning}" for warning in said), title="Warnings")


def _nobody(plan: Plan) -> list[str]:
    """Why a plan is empty, as far as known."""
    if plan.conflicts:
        first, *lines = clash.conflicts(plan)
        return [f"Booked: nobody. The plan is empty: {first}", *lines, *clash.ways(plan)]
    useless = " No booking that keeps the rules helps the objective."
    return [f"Booked: nobody.{useless if plan.objective.gap_absolute == 0 else ''}"]


def clashes(result: NoPlan) -> list[str]:
    """Why there is no plan."""
    return clash.conflicts(result) if result.conflicts else [result.reason]
