"""Faults and refusals in the language of a page: the one place where pages have them put into words.

The service and the loader write English, which the API and the command line say as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from optimizer.report.language import Speaker

SHOWN: Final = 20  # faults of one answer; its title says how many there are


def told(trouble: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A problem document as a page shows it: in the language, with the first of its faults."""
    speaker = Speaker(language)
    faults = [dict(one) for one in trouble.get("problems") or ()][:SHOWN]
    for one in faults:
        one["cause"], one["mend"] = speaker.said(one["cause"], "fault"), speaker.said(one["mend"] or "", "mend")
    found = {**trouble, "title": speaker.said(trouble["title"], "fault"), "problems": faults}
    if not faults:
        lines = (trouble.get("detail") or "").splitlines()
        found["detail"] = "\n".join(speaker.line(line, "detail") for line in lines)
    return found
