"""Saved plans in other forms, made from their JSON."""

from __future__ import annotations

from typing import Final

from optimizer.results.shown import Language

FORMS: Final = ("json", "html", "csv", "xlsx")


def rendered(content: bytes, form: str, language: Language = "en") -> bytes | None:
    """A plan's JSON in a form; None for a table of an answer without a plan."""
    from optimizer.results.no_plan import NoPlan
    from optimizer.results.plan import Plan
    from optimizer.results.stated import read

    if form == "json":
        return content
    found: Plan | NoPlan
    is_plan = read(content).get("outcome") == "plan"
    found = Plan.from_json(content) if is_plan else NoPlan.from_json(content)
    if form == "html":
        return found.to_html(language=language).encode()
    if isinstance(found, NoPlan):
        return None
    if form == "csv":
        from optimizer.report.as_csv import to_csv

        return ("\ufeff" + to_csv(found)).encode()
    from optimizer.report.language import speaker
    from optimizer.report.sheets import plan_sheets
    from optimizer.report.workbook import workbook

    return workbook(speaker(language, found).tables(plan_sheets(found)), found.decimals)
