"""The scenario format as JSON Schema (draft 2020-12), made from its models, for completion and help in editors.

It states what the models state: which keys there are, what each accepts, and which are required. What needs the whole
scenario and its pool, such as unknown names, is checked by the loader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator, WithJsonSchema
from pydantic.fields import FieldInfo

from optimizer.loading.fields import ColumnName, ConditionField, GroupColumn
from optimizer.loading.near import listed
from optimizer.loading.schema import OUTSIDE, ScenarioFile
from optimizer.loading.shapes import DEFS, HERE, NOTHING, ONE_LINE, PATH, Shape
from optimizer.loading.suggestions import suggestions

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXTENDING = "ScenarioFile.extending"  # a file that extends another one
_CHANGE = ".change"  # the shape of a part in a variant, which only names what it changes
_REPLACED = "objective"  # which a variant replaces as a whole: see `overlay`
_INSIDE = {"$ref", "anyOf", "properties", "additionalProperties"}  # keys that hold other shapes, except lists
_WORDS = ("title", "description", "default", "defaultSnippets")  # of a property, not of its value
_SMALL = re.compile(r"\{\s+([^{}]{1,140}?)\s+\}")  # an object that fits in a line
_DEFAULT = re.compile(r"(.*?)(?: \(default: (.*)\))?", re.DOTALL)


def schema_text() -> str:
    """The schema as it is printed and stored."""
    text = json.dumps(scenario_schema(), ensure_ascii=False, indent=1)
    return _SMALL.sub(lambda found: f"{{{' '.join(found[1].split())}}}", text) + "\n"


def scenario_schema() -> Shape:
    """The schema of a scenario file. A file that extends another one, and a variant, have no required keys."""
    walk = _Walk()
    walk.defs["filter"] = walk.kind(dict[ColumnName, ConditionField])
    walk.defs["group"] = walk.kind(dict[GroupColumn, ConditionField])
    walk.model(ScenarioFile)
    changes = _Changes(walk.defs)
    whole, changed = ScenarioFile.__name__, changes.of(ScenarioFile.__name__)
    defs = walk.defs | changes.made
    scenario, change = defs[whole], defs[changed]
    scenario["properties"] |= _outside(changed)
    over = {**change, "properties": scenario["properties"] | change["properties"]}
    root = {
        "$schema": DIALECT,
        "title": "creatormix scenario",
        "description": scenario["description"],
        "type": "object",
        "if": {"required": ["extends"]},
        "then": _ref(_EXTENDING),
        "else": _ref(whole),
    }
    defs[_EXTENDING] = _with_keys_of(changed, change, _with_keys_of(whole, scenario, over))
    return {**root, "$defs": _used(root, defs, {})}


def default_of(description: str) -> tuple[str, str]:
    """A description without its default, and the default; empty if there is none."""
    found = _DEFAULT.fullmatch(description)
    return (found[1], found[2] or "") if found else (description, "")


def _outside(variant: str) -> dict[str, Shape]:
    (changes, variants), (path, extends) = OUTSIDE["variants"], OUTSIDE["extends"]
    of_variants = _mapping(_ref(variant))
    return {
        "variants": _nullable({"title": changes, "description": variants, **of_variants}),
        "extends": {**PATH, "title": path, "description": extends},
    }


class _Walk:
    """Walks the models; each becomes a definition of its own."""

    def __init__(self) -> None:
        self.defs: dict[str, Shape] = deepcopy(DEFS)

    def model(self, model: type[BaseModel]) -> Shape:
        """A reference to a model's definition."""
        if model.__name__ not in self.defs:
            self.defs[model.__name__] = {}
            self.defs[model.__name__] = self._object(model)
        return _ref(model.__name__)

    def _object(self, model: type[BaseModel]) -> Shape:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        others: Shape | Literal[False] = False
        known: dict[str, Shape] = {}
        if model.model_config.get("extra") == "allow":
            mapping = self.kind(get_type_hints(model, include_extras=True)["__pydantic_extra__"])
            known, others = mapping["properties"], mapping["additionalProperties"]
        more = model.model_config.get("json_schema_extra")
        more = deepcopy(more) if isinstance(more, dict) else {}
        if isinstance(others, dict):
            others |= more.pop("additionalProperties", {})  # type: ignore[arg-type]
        return {
            "title": model.model_config.get("title") or model.__name__,
            "description": " ".join((model.__doc__ or "").split()),
            "type": "object",
            "properties": {key: self._property(field) for key, field in fields.items()} | known,
            "required": [key for key, field in fields.items() if field.is_required()],
            "additionalProperties": others,
            **more,
        }

    def _property(self, field: FieldInfo) -> Shape:
        shape = self.kind(field.annotation, field.metadata)
        description = field.description or ""
        if isinstance(field.default, (str, bool)):
            shape["default"] = field.default
            description += f" (default: {json.dumps(field.default).strip(chr(34))})"
        title = field.title or shape.get("title")  # where neither gives one, the definition does
        shape = {**({"title": title} if title else {}), "description": description, **_without_title(shape)}
        return shape if field.is_required() else _nullable(shape)

    def kind(self, annotation: Any, marks: Iterable[Any] = ()) -> Shape:
        """The shape of a type with its annotations: validators, limits, schema."""
        marks = list(marks)
        while get_origin(annotation) is Annotated:
            annotation, *inner = get_args(annotation)
            marks += inner
        marks += [mark for outer in marks if isinstance(outer, FieldInfo) for mark in outer.metadata]
        shape = self._marked(marks) or self._plain(annotation)
        for mark in marks:
            _limit(shape, getattr(mark, "min_length", None), getattr(mark, "max_length", None))
        return shape

    def _marked(self, marks: Iterable[Any]) -> Shape | None:
        for mark in marks:
            if isinstance(mark, WithJsonSchema):
                shape = deepcopy(dict(mark.json_schema or {}))
                return self._suggesting(shape, shape.pop("suggest")) if "suggest" in shape else shape
            if isinstance(mark, BeforeValidator):
                return self.kind(mark.json_schema_input_type)
        return None

    def _suggesting(self, shape: Shape, table: str) -> Shape:
        """A reference to the shape with its suggestions, which editors show without holding values to them."""
        known = suggestions(table).items()
        snippets = [{"label": name, "body": name} | ({"description": words} if words else {}) for name, words in known]
        name = table.replace(" ", "-")
        self.defs[name] = {**DEFS["text"], "title": shape["title"], "defaultSnippets": snippets}
        return {"title": shape["title"], **_ref(name)}

    def _plain(self, annotation: Any) -> Shape:
        origin, inside = get_origin(annotation), get_args(annotation)
        if origin is Literal:
            return {"title": listed(inside), "type": ["string"], "enum": list(inside)}
        if origin is dict:
            names, of = self.kind(inside[0]), _without_title(self.kind(inside[1]))
            table = self.defs[names["$ref"].removeprefix(HERE)].get("defaultSnippets", ())
            return _mapping(of, {item["label"]: item.get("description", "") for item in table})
        if origin is list:
            return {"type": ["array"], "items": self.kind(inside[0])}
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.model(annotation)
        if inside:  # a choice of types
            return _either([self.kind(one) for one in inside if one is not type(None)])
        raise TypeError(f"{annotation} has no shape")


def _ref(name: str) -> Shape:
    return {"$ref": HERE + name}


def _mapping(of: Shape, known: Mapping[str, str] | None = None) -> Shape:
    """Any names with values of one shape; some names may be suggested."""
    properties = {name: {**of, "description": words} for name, words in (known or {}).items()}
    names = {"propertyNames": {"pattern": ONE_LINE}}
    return {"type": ["object"], "properties": properties, **names, "additionalProperties": of}


def _types(shape: Shape) -> list[str]:
    said = shape.get("type", [])
    return [said] if isinstance(said, str) else list(said)


def _either(shapes: list[Shape]) -> Shape:
    """One of several shapes; merged into one if their types are distinct."""
    if len(shapes) == 1:
        return shapes[0]
    parts = [_without_title(part) for shape in shapes for part in shape.get("anyOf", [shape])]
    types = [name for part in parts for name in _types(part)]
    if all(_types(part) for part in parts) and len(types) == len(set(types)):
        return {**{key: value for part in parts for key, value in part.items()}, "type": types}
    return {"anyOf": parts}


def _without_title(shape: Shape) -> Shape:
    return {key: value for key, value in shape.items() if key != "title"}


def _limit(shape: Shape, least: int | None, most: int | None) -> None:
    for part in shape.get("anyOf", [shape]):
        for name, counted in (("array", "Items"), ("object", "Properties")):
            if name in _types(part):
                part |= {f"{word}{counted}": limit for word, limit in (("min", least), ("max", most)) if limit}


def _nullable(shape: Shape) -> Shape:
    """The shape, or null: a key without a value counts as absent."""
    if NOTHING in shape.get("anyOf", []):
        return shape
    if "anyOf" in shape:
        return {**shape, "anyOf": [*shape["anyOf"], NOTHING]}
    apart = _WORDS if "$ref" in shape else _WORDS[1:]  # an editor shows the title of what it finds to fit
    words = {key: shape[key] for key in apart if key in shape}
    return {**words, "anyOf": [{key: value for key, value in shape.items() if key not in words}, NOTHING]}


class _Changes:
    """Makes the shapes for variants, where nothing is required and null removes, from the shapes of a scenario."""

    def __init__(self, defs: Mapping[str, Shape]) -> None:
        self.defs = defs
        self.made: dict[str, Shape] = {}

    def of(self, name: str) -> str:
        """The name of the definition that replaces another one in a variant; its own if it has no inner shapes."""
        if not self.defs[name].keys() & _INSIDE:
            return name
        changed = name + _CHANGE
        if changed not in self.made:
            self.made[changed] = {}
            self.made[changed] = _with_keys_of(name, self.defs[name], self._over(self.defs[name]))
        return changed

    def _over(self, shape: Shape) -> Shape:
        """The shape of a change to a value of this shape. Lists replace, so their items stay whole."""
        changed: Shape = {}
        for key, value in shape.items():
            if key == "$ref":
                changed[key] = HERE + self.of(value.removeprefix(HERE))
            elif key in ("properties", "patternProperties"):
                inner = {name: one if name == _REPLACED else self._over(one) for name, one in value.items()}
                changed[key] = {name: _nullable(one) for name, one in inner.items()}
            elif key == "additionalProperties" and isinstance(value, dict):
                changed[key] = _nullable(self._over(value))
            elif key == "anyOf":
                changed[key] = [self._over(one) for one in value]
            elif key not in ("required", "minProperties"):
                changed[key] = value
        return changed


def _with_keys_of(name: str, whole: Shape, shape: Shape) -> Shape:
    """The shape, with references for keys that are the same in the definition of that name."""
    if "properties" not in shape:
        return shape
    keys = {
        key: _ref(f"{name}/properties/{key}") if one == whole["properties"].get(key) else one
        for key, one in shape["properties"].items()
    }
    return {**shape, "properties": keys}


def _used(shape: Any, defs: Mapping[str, Shape], found: dict[str, Shape]) -> dict[str, Shape]:
    """The definitions that a shape leads to."""
    for key, value in shape.items() if isinstance(shape, dict) else enumerate(shape) if isinstance(shape, list) else ():
        if key != "$ref":
            _used(value, defs, found)
            continue
        name = value.removeprefix(HERE).partition("/")[0]
        if name not in found:
            found[name] = defs[name]
            _used(defs[name], defs, found)
    return found
