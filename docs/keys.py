"""The tables of keys of the scenario reference, from the same source as what an editor shows: the JSON Schema."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from optimizer.loading import schema
from optimizer.loading.json_schema import default_of, scenario_schema

PAGE = Path(__file__).resolve().parent / "reference" / "scenario.md"
HEADINGS = ("key", "takes", "meaning", "default")
_CODE = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\b[a-z]+(?:_[a-z]+)+\b|--\w+ [A-Z]+")

Shape = dict[str, Any]
Row = tuple[str, str, str, str]


class Keys:
    """The keys of each model of the format, as rows of a table."""

    def __init__(self) -> None:
        self.schema = scenario_schema()

    def rows(self, model: str) -> list[Row]:
        """The keys that a model has, in the order in which it names them, and what else may stand beside them."""
        part = self.schema["$defs"][model]
        own = [field.alias or name for name, field in getattr(schema, model).model_fields.items()]
        extra = schema.OUTSIDE if model == "ScenarioFile" else ("deliverable",) if model == "AssumedLine" else ()
        rows = [self._row(model, key, key in part["required"]) for key in (*own, *extra)]
        others = part["additionalProperties"]
        if others:
            rows.append(("any column", self._title(others), marked(others["description"]), "none"))
        return rows

    def _row(self, model: str, key: str, required: bool) -> Row:
        shape = self.schema["$defs"][model]["properties"][key]
        words, default = default_of(shape["description"])
        options = next((one["enum"] for one in (shape, *shape.get("anyOf", [])) if "enum" in one), [])
        if "default" in shape:
            default = f"`{str(shape['default']).lower()}`"
        section = sections().get(key) if model == "ScenarioFile" else None
        cell = f"[`{key}`](#{section})" if section else f"`{key}`"
        takes, meaning = self._title(shape), marked(words)
        if options:
            takes = f"{', '.join(f'`{one}`' for one in options[:-1])} or `{options[-1]}`"
            meaning = re.sub(rf"\b({'|'.join(options)})\b(?=:)", r"`\1`", meaning)
        return cell, takes, meaning, "required" if required else marked(default) or "none"

    def _title(self, shape: Shape) -> str:
        """What a key takes, in words: its own, or those of what it refers to."""
        if "title" in shape:
            return str(shape["title"]) if shape["title"] != "1" else "`1`"
        if "$ref" in shape:
            return self._title(self.schema["$defs"][shape["$ref"].rpartition("/")[2]])
        return self._title(shape["anyOf"][0])


def sections() -> dict[str, str]:
    """Where the page speaks of a key: the anchor of the section that has it in its heading."""
    headings = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {heading: re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return {key: anchor for heading, anchor in anchors.items() for key in re.split(", | and ", heading)}


def marked(words: str) -> str:
    """Words with what is written in a scenario as code."""
    return _CODE.sub(lambda found: f"`{found[0]}`", words)
