"""Documents as HTML: a part for a notebook, or a page of its own to mail and print.

Every text is escaped. There is no script, and nothing is loaded from elsewhere: a name in a file of creators may be
hostile, and a page is opened by others. It does not say when it was made, so the same document gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from html import escape
from importlib import resources

from optimizer.report.document import Document, Figures, Kind, Part, Picture, Section, Table, Words, shown
from optimizer.report.language import Speaker
from optimizer.report.phrases import ENGLISH
from optimizer.unseen import visible

Draw = Callable[[Picture], str]
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_NUMBERS = ' style="text-align: right"'


def page(document: Document, draw: Draw, language: str = ENGLISH) -> str:
    """A whole page of a document in a language; `draw` makes the SVG of a picture, or nothing."""
    speak = Speaker(language)
    style = (resources.files("optimizer.report") / "page.css").read_text(encoding="utf-8")
    found = [(f"part-{number}", one) for number, one in enumerate(document.sections, 1)]
    links = "".join(f'<li><a href="#{anchor}">{_text(one.heading)}</a></li>\n' for anchor, one in found)
    body = "".join(_section(one, document.decimals, draw, 2, anchor) for anchor, one in found)
    title = _text(document.title)
    contents, made = (_text(speak.said(text)) for text in ("Contents", "Made by creatormix."))
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<header>\n<h1 dir="auto">{title}</h1>\n<nav aria-label="{contents}">\n<ul>\n{links}</ul>\n</nav>\n</header>\n'
        f"<main>\n{body}</main>\n<footer><p>{made}</p></footer>\n</body>\n</html>\n"
    )


def fragment(document: Document) -> str:
    """The document for a notebook, under headings that are small enough for one; without pictures."""
    body = "".join(_section(one, document.decimals, lambda _: "", 4) for one in document.sections)
    return f'<div lang="en">\n<h3 dir="auto">{_text(document.title)}</h3>\n{body}</div>'


def parts_html(parts: Iterable[Part], decimals: int, level: int = 3) -> str:
    """Parts for a page that others make; without pictures."""
    return "".join(_part(part, decimals, lambda _: "", level) for part in parts)


def _section(section: Section, decimals: int, draw: Draw, level: int, anchor: str = "") -> str:
    name = f' id="{anchor}"' if anchor else ""
    inner = "".join(_part(part, decimals, draw, level + 1) for part in section.parts)
    return f"<section{name}>\n<h{level}>{_text(section.heading)}</h{level}>\n{inner}</section>\n"


def _part(part: Part, decimals: int, draw: Draw, level: int) -> str:
    if isinstance(part, Words):
        return _heading(part.title, level) + "".join(_lines(part.lines))
    if isinstance(part, Figures):
        pairs = (
            f"<div><dt>{_text(name)}</dt><dd>{_text(shown(value, 'count', decimals))}</dd></div>\n"
            for name, value in part.values
        )
        return f"{_heading(part.title, level)}<dl>\n{''.join(pairs)}</dl>\n"
    if isinstance(part, Table):
        return _table(part, decimals)
    drawn = draw(part)
    caption = f"<figcaption>{_text(part.title)}</figcaption>\n"
    return f"<figure>\n{caption}{drawn}\n</figure>\n" if drawn else ""


def _heading(title: str, level: int) -> str:
    return f"<h{level}>{_text(title)}</h{level}>\n" if title else ""


def _lines(lines: tuple[str, ...]) -> Iterator[str]:
    """Paragraphs; lines that begin with a dash are items of a list, to which indented lines below them belong."""
    items: list[str] = []
    for line in (*lines, ""):
        said = line.strip()
        if said.startswith("- "):
            items.append(_text(said.removeprefix("- ")))
            continue
        if items and said and line.startswith(" "):
            items[-1] += f"<br>{_text(said)}"
            continue
        if items:
            yield "<ul>\n" + "".join(f'<li dir="auto">{item}</li>\n' for item in items) + "</ul>\n"
            items = []
        if said:
            yield f'<p dir="auto">{_text(said)}</p>\n'


def _table(table: Table, decimals: int) -> str:
    """A table whose rows are named by their first cells; it scrolls by itself where a page is narrow."""
    kinds = [column.kind for column in table.columns]
    heads = "".join(_cell(column.name, column.kind, "th", "col") for column in table.columns)
    rows = (
        "".join(
            "<tr>"
            + "".join(
                _cell(shown(cell, kind, decimals), kind, "td" if at else "th", "" if at else "row")
                for at, (cell, kind) in enumerate(zip(row, kinds, strict=True))
            )
            + "</tr>\n"
            for row in table.rows
        )
        or f'<tr><td colspan="{len(kinds)}">{_text(table.empty or "none")}</td></tr>\n'
    )
    title = _text(table.title)
    return (
        f'<div role="region" tabindex="0" aria-label="{title}">\n<table>\n<caption>{title}</caption>\n'
        f"<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
        + (f"<p><small>{_text(table.caption)}</small></p>\n" if table.caption else "")
    )


def _cell(text: str, kind: Kind, tag: str, scope: str) -> str:
    scoped = f' scope="{scope}"' if scope else ""
    way = ' dir="auto"' if kind == "text" else _NUMBERS
    return f"<{tag}{scoped}{way}>{_text(text)}</{tag}>"


def _text(text: str) -> str:
    return escape(visible(text))
