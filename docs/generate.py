"""Makes anew what the pages take from the program: what commands print, the tables of keys, quantities, problem codes.

    python docs/generate.py             # write the pages anew
    python docs/generate.py --check     # only say which pages would change

Tables stand between `<!-- generated: name -->` and `<!-- end -->`. See `examples.py` for the examples. The stored JSON
Schema, which `creatormix new` hands out, is made anew as well.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import expected
import routes
from codes import problem_codes
from examples import ROOT, Workspace, pages
from keys import HEADINGS, Keys

from optimizer.domain.doubts import KINDS
from optimizer.domain.figures import AUDIENCE, FIGURES
from optimizer.domain.quantities import MONEY, QUANTITIES, RATIOS, quantity_table
from optimizer.loading.json_schema import schema_text
from optimizer.packs import load, names
from optimizer.presets import load as preset_of
from optimizer.presets import names as preset_names
from optimizer.presets.preset import Preset, PresetColumn
from optimizer.report.benchmarks import figures_words

STORED_SCHEMA = ROOT / "optimizer" / "cli" / "starter" / "scenario.schema.json"
_GENERATED = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def quantities() -> str:
    """The quantities that a scenario may name."""
    own = "the number in the column; x keep, if it `falls` with a segment's returns (may be negative)"
    return table(
        ("quantity", "unit", "formula for one booking"),
        [
            *(
                (
                    f"`{name}`",
                    q.unit,
                    q.text.replace("<kind>", "`<kind>`").replace("<column>", "`<column>`")
                    + " (may be negative)" * q.signed,
                )
                for name, q in quantity_table(["<kind>"], agency=True, distinct=["<column>"]).items()
                if not q.helper
            ),
            ("[your own](scenario.md#quantities)", "count", own),
        ],
    )


def helpers() -> str:
    """Quantities that only serve formulas and ratios."""
    return table(
        ("helper", "unit", "formula for one booking"),
        [(f"`{name}`", "money" if q.unit == MONEY else "count", q.text) for name, q in QUANTITIES.items() if q.helper],
    )


def ratios() -> str:
    """The ratios of a plan or a group."""
    return table(("ratio", "formula"), [(f"`{name}`", ratio.text) for name, ratio in RATIOS.items()])


def figures() -> str:
    """What may be known of a creator."""
    units = {
        "money": "money",
        "whole": "whole number",
        "number": "number",
        "rate": "share: `0.03` or `3%`",
        "factor": "factor: `0.8` or `80%`",
    }
    rows = []
    for name, figure in FIGURES.items():
        own = f"`{name}`" + (f", `{name}_<deliverable>`" if figure.per_deliverable else "")
        guess = "a fault where it is needed" if figure.default is None else f"{figure.default:g}"
        most = "" if figure.most is None else f"{figure.most:g}"
        note = " (a guess, listed under the estimated figures)" if figure.marked else ""
        rows.append((own, figure.title, units[figure.unit], most, guess + note))
    rows.append(
        (f"`{AUDIENCE}<value>`", "share of the creator's audience", units["rate"], "1", "the creator's own value")
    )
    return table(("figure", "meaning", "unit", "highest", "where nothing gives it"), rows)


def codes() -> str:
    """Every code of a problem, with what it says."""
    return table(("code", "says", "mend"), [(f"`{code}`", says, mend) for code, says, mend in problem_codes()])


def doubts() -> str:
    """Every code of a doubt, with what is asked and why."""
    return table(
        ("code", "about", "asks of", "why"),
        [(f"`{kind.code}`", kind.of, kind.asks, kind.why) for kind in KINDS.values()],
    )


def packs() -> str:
    """Every benchmark pack with what it fills."""
    rows = []
    for pack in map(load, names()):
        fills = figures_words(pack) or "nothing: only to read"
        rows.append((f"`{pack.name}`", pack.source, pack.date, pack.platform or "", pack.currency or "", fills))
    return table(("pack", "source", "date", "platform", "money in", "fills"), rows)


def presets() -> str:
    """Every preset: where its headers were seen, and how each of our columns is read."""
    return "\n".join(_preset(preset_of(name)) for name in preset_names())


def _preset(preset: Preset) -> str:
    marks = " and ".join(" or ".join(f"`{name}`" for name in names) for names in preset.marks)
    lines = [
        f"## {preset.name}",
        f"{preset.title}.",
        *([preset.note] if preset.note else []),
        f"Source: {preset.source}, {preset.date}. "
        + (f"`new --from` knows the file by {marks}." if marks else "`new --from` knows the file by its name."),
    ]
    rows = [
        (f"`{column.name}`", _read_from(column), "; ".join(map(str, column.definitions))) for column in preset.columns
    ]
    return "\n\n".join([*lines, table(("column", "read from", "counts"), rows)])


def _read_from(column: PresetColumn) -> str:
    if column.constant is not None:
        return f"`{column.constant}` for all"
    parts = [" or ".join(f"`{name}`" for name in part) for part in column.parts]
    return ("1 minus " if column.all_but else "") + " + ".join(parts) + (", in percent" if column.percent else "")


def keys(model: str) -> str:
    """The keys of a part of a scenario file."""
    return table(HEADINGS, Keys().rows(model))


def believed() -> str:
    """What is expected of a creator, by what was measured over how many posts."""
    return table(expected.believed_headings(), expected.believed_rows())


def usual() -> str:
    """Our usual figures, with their sources."""
    return table(expected.USUAL_HEADINGS, expected.usual_rows())


def usual_else() -> str:
    """The other figures of the same table."""
    return table(expected.ELSE_HEADINGS, expected.else_rows())


SECTIONS: dict[str, Callable[[], str]] = {
    "quantities": quantities,
    "helpers": helpers,
    "ratios": ratios,
    "figures": figures,
    "packs": packs,
    "presets": presets,
    "problem codes": codes,
    "doubts": doubts,
    "believed": believed,
    "usual figures": usual,
    "usual others": usual_else,
    "routes": lambda: table(routes.HEADINGS, routes.rows()),
}


def with_tables(text: str) -> str:
    """A page with its generated tables as the program has them now."""
    return _GENERATED.sub(lambda found: f"{found[1]}\n{section(found[2])}\n{found[3]}", text)


def section(name: str) -> str:
    """A generated part by its name; `keys Pay` are those of the pay terms."""
    return keys(name.removeprefix("keys ")) if name.startswith("keys ") else SECTIONS[name]()


def remade(page: Path) -> str:
    """A page with its tables and the outputs of its examples as they are now."""
    if page == STORED_SCHEMA:
        return schema_text()
    lines = page.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        shown = list(Workspace(Path(folder), page).follow())
    for one in reversed([one for one in shown if one.wrong]):
        block = one.block
        indented = [f"{block.indent}{line}" if line else "" for line in one.lines]
        lines[block.start : block.start + len(block.lines)] = indented
    return with_tables("\n".join(lines) + "\n")


def main() -> int:
    """Make all pages anew, and the schema for editors; with --check, 1 where one would change."""
    chosen = [Path(name).resolve() for name in sys.argv[1:] if not name.startswith("-")]
    chosen = chosen or [STORED_SCHEMA, *pages()]
    changed = 0
    for page in chosen:
        text = remade(page)
        if text != page.read_text(encoding="utf-8"):
            changed += 1
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")
            if "--check" not in sys.argv:
                page.write_text(text, encoding="utf-8")
    sys.stdout.write(
        f"{changed} of {len(chosen)} pages {'would change' if '--check' in sys.argv else 'written anew'}\n"
    )
    return int(bool(changed) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
