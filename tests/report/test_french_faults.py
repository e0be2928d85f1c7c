"""Faults in French: every message of the loader has a phrase, and only what a planner wrote stays in English."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from optimizer.cli.main import main
from optimizer.report.language import Speaker, missing
from optimizer.report.phrases import book
from tests.docs.pages import ROOT, tool

CASES = sorted((ROOT / "tests" / "messages").glob("*.yaml"))
_ENGLISH = re.compile(
    r"\b(?:the|of|was|were|with|without|each|which|who|that|this|these|those|least|than|would|could|bookings?|rules?"
    r"|from|nobody|every|there|are|and|write|add|remove|correct|or|not|by|it|has|have|in|two|is)\b"
)
_WRITTEN = re.compile(  # what stays: words in quotes, code, lists of keys and columns, names of files
    r"«.*?»|`[^`]*`|\"[^\"]*\"|\{.*\}|\[.*\]|\S+[_.:/=@]\S*|--\S+|(?<=\u00a0: )[\w.-]+(?:, [\w. -]+)+"
)
_KEYS = {"from", "is", "has", "of", "who", "booking"}  # keys, columns and offers that are English words, too
_OURS = {"figure", "is", "low", "values", "columns", "rows", "unit", "tier"}  # faults of files that we ship


def faults_of(path: Path, folder: Path) -> list[dict[str, Any]]:
    """The faults of a case, as the command says them in JSON."""
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, text in case["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    result = CliRunner().invoke(main, [*case.get("command", ["check", "s.yaml"]), "--json"])
    found: list[dict[str, Any]] = json.loads(result.stdout)["problems"]
    return found


def english_in(text: str, english: str) -> list[str]:
    """English words of a French text, keys that the English one has in the same place left out."""
    return [word for word in _ENGLISH.findall(_WRITTEN.sub("", text)) if word not in _KEYS or word not in english]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_fault_is_told_in_french(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    speaker = Speaker("fr")
    for one in faults_of(path, tmp_path):
        with missing() as lacking:
            cause, mend = speaker.said(one["cause"], "fault"), speaker.said(one["mend"], "mend")
        assert lacking == [], "\n".join(lacking)
        assert english_in(cause, one["cause"]) == [], cause
        assert english_in(mend, one["mend"]) == [], mend


@cache
def known() -> str:
    """All that phrases are made of."""
    found = book("fr", "optimizer.report")
    whole = [text for family in found.whole.values() for text in family]
    return "\n".join([*whole, *(part for family in found.patterns.values() for one in family for part in one.english
                                if isinstance(part, str))])  # fmt: skip


def test_every_wording_of_every_code_is_in_a_phrase() -> None:
    edges = " ,;:.()\"'-*%/`{}[]"
    lacking = [
        f"{code}: {piece}"
        for code, cause, mend in tool("codes").problem_codes()
        for part in re.split(r"…| / |[\[{\"`<].*?(?=…|$| [a-z]{3,} [a-z]{2,})", f"{cause} / {mend}")
        if code not in _OURS and " " in (piece := part.strip(edges)) and re.search("[a-z]{3}", piece)
        if not all(bit.strip(edges) in known() for bit in re.split(r"\w+: \S+|\d\S*|\(U\+", piece))
    ]
    assert lacking == [], "\n".join(lacking)


def test_many_faults_are_told_in_a_moment() -> None:
    """Counted in steps of the search, as a clock would measure the machine."""
    texts = [f'"{"a" * (at % 40)} {at}" is not a number' for at in range(100)]
    texts += [f'unknown key "budget {at}", or another' for at in range(100)]
    speaker = Speaker("fr")
    work = 0
    for text in texts:
        speaker.said(text, "fault")
        assert speaker._by is not None
        work += 100_000 - speaker._by._work
    assert work < 200_000
