"""Files that are given as a scenario and are something else: a file of creators, or an answer of creatormix."""

from __future__ import annotations

import json
import re
from pathlib import Path

from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.source import short
from optimizer.unseen import visible

_TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".xls", ".xlsm", ".ods", ".parquet", ".zip")
_BINARY = (b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0")  # a workbook or archive, Parquet, an old workbook
_SEPARATORS = ";\t,"
_FORMAT = re.compile(rb'"format"\s*:\s*"creatormix/([a-z]+)/\d+"')
_ANSWERS = {
    "plan": "it is checked with `creatormix verify {name}`; to plan again, name its scenario",
    "comparison": "name the scenarios that it compares",
    "check": "name the scenario that was checked",
    "problems": "name the scenario that has these problems",
    "resolved": "name the scenario itself",
    "verification": "name the scenario of the plan",
}


def check_kind(data: bytes, name: str, place: Place | None) -> None:
    """Refuse what is plainly not a scenario, saying what it is and what can be done with it.

    Raises
    ------
    ScenarioError
        With one problem; what may be a scenario passes.
    """
    path = Path(name)
    shown = visible(short(path.name, 100))
    if found := _answer(data):
        cause = f"{shown} is not a scenario but {_kind(found)} that creatormix wrote as JSON"
        raise ScenarioError([Problem("not-a-scenario", cause, _ANSWERS[found].format(name=shown), place)])
    if path.suffix.lower() in _TABLES or data.startswith(_BINARY) or _is_table(data) or _is_list(data):
        cause = f"{shown} is not a scenario; it looks like a file of creators"
        mend = f"`creatormix new FOLDER --from {shown}` writes a scenario for it"
        mend += f"; or write `creators: {shown}` in one of yours"
        raise ScenarioError([Problem("not-a-scenario", cause, mend, place)])


def _kind(found: str) -> str:
    return {"check": "the answer of a check", "problems": "a list of problems", "resolved": "a list of values"}.get(
        found, f"a {found}"
    )


def _answer(data: bytes) -> str | None:
    """The kind of an answer of creatormix; its format is its first field."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    found = _FORMAT.search(data[:200])
    kind = "" if found is None else found[1].decode()
    return kind if kind in _ANSWERS else None


def _is_list(data: bytes) -> bool:
    """Whether it is a list of objects in JSON, as scrapers write them."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return False
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, list) and any(isinstance(one, dict) for one in said)


def _is_table(data: bytes) -> bool:
    """Whether the first lines have equally many separators, and no key of a mapping."""
    try:
        text = data[:20_000].decode("utf-8-sig", "replace")
    except UnicodeDecodeError:
        return False
    lines = [line for line in text.splitlines() if line.strip()][:3]
    if len(lines) < 2 or any(re.search(r":(\s|$)", line) for line in lines) or lines[0].lstrip()[:1] in "{[-#%&*!|>":
        return False
    return any(lines[0].count(sign) == lines[1].count(sign) > 0 for sign in _SEPARATORS)
