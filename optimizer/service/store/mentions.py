"""Removing what names a creator: saved plans, and jobs with their answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from optimizer.domain.accounts import mention
from optimizer.service.store.database import Database

_TEXTS: Final = {
    "plans": "SELECT id, name || char(10) || notes || char(10) || arguments, content FROM plans",
    "jobs": "SELECT id, arguments || coalesce(problem, '') || coalesce(progress, ''), content"
    " FROM jobs LEFT JOIN answers ON job = id",
}


def remove_mentions(database: Database, key: str, scenarios: Iterable[str]) -> tuple[int, int]:
    """Remove the plans and jobs that name a creator, and all jobs of some scenarios; how many plans and jobs."""
    pattern = mention(key)
    gone: dict[str, set[str]] = {table: set() for table in _TEXTS}
    with database.transaction() as connection:
        for table, said in _TEXTS.items():
            for found, text, content in connection.execute(said):
                whole = f"{text}\n{bytes(content or b'').decode('utf-8', 'replace')}"
                if any(pattern.search(one.casefold()) for one in (whole, _unescaped(whole))):
                    gone[table].add(found)
        for scenario in scenarios:
            rows = connection.execute("SELECT id FROM jobs WHERE scenario = ?", (scenario,))
            gone["jobs"] |= {row["id"] for row in rows}
        for table, ids in gone.items():
            connection.executemany(f"DELETE FROM {table} WHERE id = ?", [(one,) for one in ids])
    return len(gone["plans"]), len(gone["jobs"])


def _unescaped(text: str) -> str:
    """A text with the escapes of JSON read."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text, flags=re.IGNORECASE)
