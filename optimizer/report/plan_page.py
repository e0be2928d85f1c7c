"""What a page says of a plan, or of why there is none: the question, the answer, why, who, the risks and the proof."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.domain.scenario import InputFile
from optimizer.report import clash, forecast, goals, pictures, replanned, views
from optimizer.report import plan_parts as parts
from optimizer.report.document import (
    Cell,
    Column,
    Document,
    Figures,
    Section,
    Table,
    Words,
    chance_words,
    is_sure,
    section,
    words_of,
)
from optimizer.report.doubts import doubts_words
from optimizer.results import words
from optimizer.results.as_json import to_dict
from optimizer.results.no_plan import NoPlan
from optimizer.results.plan import ConstraintResult, Plan

BOOKED_MOST = 500
_EXPECTED_MOST = 20
_PROVED = {
    "prices": "That these rules clash is proved: prices of the rules show that no bookings reach what they require.",
    "branches": "That these rules clash is proved, case by case.",
    "none": "This is not proved: nothing was found, and a plan may exist.",
}


def plan_page(plan: Plan) -> Document:
    """The page of a plan."""
    return Document(
        parts.named(plan),
        (
            *_question(plan),
            *_answer(plan),
            *section("What has changed", *replanned.summary(plan), *replanned.changes(plan, everything=True)),
            *_why(plan),
            *_who(plan),
            *_risks(plan),
            *_sources(plan),
            *_proof(plan),
        ),
        plan.decimals,
    )


def no_plan_page(result: NoPlan) -> Document:
    """The page of an answer without a plan."""
    found = "No plan can keep all rules." if result.outcome == "infeasible" else "No plan was found within the limit."
    return Document(
        parts.named(result),
        (
            *section(
                "The question", *words_of(*parts.changed(result)), *_considered(result), *parts.not_booked(result)
            ),
            *section("The answer", Words((found, *parts.clashes(result)))),
            *section("What would mend it", *words_of(*clash.ways(result))),
            *section("Doubts and warnings", *doubts_words(result.doubts), *parts.warnings(result.warnings)),
            *section("Where the figures come from", inputs_table(result.inputs)),
            *section("How sure this is", Words((_PROVED[result.proof], _again(result))), _seal(result)),
        ),
        result.decimals,
    )


def _question(plan: Plan) -> tuple[Section, ...]:
    rule = parts.budget_rule(plan)
    budget = [] if rule is None else [f"Budget: {words.bounds(plan, rule)}{f' ({rule.note})' if rule.note else ''}"]
    rules = [f"- {_asked(one)}: {words.bounds(plan, one)}" for one in plan.constraints if one is not rule]
    return section(
        "The question",
        Words((f"Goal: {words.goal(plan)}", *goals.asked(plan), *budget, *parts.changed(plan))),
        *words_of(*rules, title="Rules"),
        *_considered(plan),
    )


def _asked(rule: ConstraintResult) -> str:
    """The name of a rule; one for each creator is asked of all, whoever is nearest to its bound."""
    return rule.name if rule.says else words.rule_name(rule)


def _considered(result: Plan | NoPlan) -> tuple[Words, ...]:
    return () if result.considered is None else words_of(f"Creators who can be booked: {result.considered:,}.")


def _answer(plan: Plan) -> tuple[Section, ...]:
    likely = forecast.goal_range(plan)
    figures: list[tuple[str, Cell]] = [(words.goal(plan), views.goal_valued(plan, plan.objective.value))]
    figures += [("most likely", likely)] if likely else []
    figures += goals.figures(plan)
    empty = parts.booked(plan, ()) if plan.empty else None
    said = Figures("", tuple(figures)), Words((_proved(plan),))
    return section("The answer", *said, empty, parts.totals(plan), *parts.people(plan))


def _why(plan: Plan) -> tuple[Section, ...]:
    binding = [one for one in plan.constraints if one.binding or words.price(plan, one)]
    said = [
        f"- {words.rule_name(one)}: {words.bounds(plan, one)}{_costs(plan, words.price(plan, one))}" for one in binding
    ]
    return section(
        "Why this plan",
        *words_of(*said, title="Rules that bind, and what they cost"),
        parts.rules(plan),
        *pictures.rules(plan),
        *parts.budget(plan),
        *parts.not_booked(plan),
    )


def _costs(plan: Plan, price: str) -> str:
    verb = "saves" if plan.objective.sense == "minimize" else "gains"
    return f"; more room {verb} {price}" if price else ""


def _who(plan: Plan) -> tuple[Section, ...]:
    if plan.empty:
        return ()
    every = views.biggest_first(plan)
    more = parts.cut(plan, every[BOOKED_MOST:], "a file that ends in .xlsx, .csv or .json lists them all (--out)")
    booked = parts.booked(plan, every[:BOOKED_MOST], ranged=True)
    return section("Who is booked", booked, *words_of(more), parts.mix(plan), *pictures.spending(plan))


def _risks(plan: Plan) -> tuple[Section, ...]:
    every = views.biggest_first(plan)
    chances = [
        f"- {words.rule_name(rule)}: {chance_words(chance)}"
        for rule, chance in zip(plan.constraints, forecast.chances(plan), strict=False)
        if chance is not None and not is_sure(chance)
    ]
    shown, rest = every[:_EXPECTED_MOST], every[_EXPECTED_MOST:]
    more = f"These are the {_EXPECTED_MOST} biggest bookings; a file that ends in .xlsx has this of all (--out)."
    return section(
        "What may come out otherwise",
        parts.ranges(plan),
        *words_of(*chances, title="Rules that may turn out broken, with the chance that they are kept"),
        *pictures.bookings(plan),
        parts.expected(plan, shown),
        *words_of(more if rest and forecast.quantity_of(plan) else ""),
        *doubts_words(plan.doubts),
        *parts.warnings(plan.warnings),
    )


def _sources(plan: Plan) -> tuple[Section, ...]:
    return section(
        "Where the figures come from",
        *parts.sources(plan),
        *parts.benchmarks(plan),
        *parts.definitions(plan),
        inputs_table(plan.inputs),
    )


def inputs_table(inputs: Iterable[InputFile]) -> Table | None:
    """The files that were read, with their digests."""
    rows = tuple((one.path, one.sha256) for one in inputs)
    return Table("Files that were read", (Column("file"), Column("sha256")), rows) if rows else None


def _proof(plan: Plan) -> tuple[Section, ...]:
    goal = plan.objective
    cells: tuple[tuple[str, Cell], ...] = (
        ("value of this plan", views.goal_valued(plan, goal.value)),
        ("proved limit for every plan", views.goal_valued(plan, goal.bound)),
        ("between the two at most", words.shortfall(plan)),
        ("what the proof claims", plan.claim.replace("_", " ")),
    )
    above = "below" if goal.sense == "minimize" else "above"
    said = (
        _proved(plan),
        f"No plan that keeps the rules lies {above} the proved limit, which is worked out in exact numbers, whatever a"
        " solver says.",
        _again(plan),
    )
    return section("How good it is, proved", Words(said), Figures("", cells), _seal(plan))


def _proved(plan: Plan) -> str:
    said = parts.proof_words(plan)
    return f"{said[0].upper()}{said[1:]}."


def _again(result: Plan | NoPlan) -> str:
    """How to work all of it out again."""
    asked = result.inputs[0].path if result.inputs else "SCENARIO"
    return (
        f"To have it all worked out again: write the plan of {asked} with --json --out plan.json, then run creatormix "
        "verify plan.json."
    )


def _seal(result: Plan | NoPlan) -> Words:
    return Words((f"Digest of this answer's JSON (sha256): {to_dict(result)['digest']}",))
