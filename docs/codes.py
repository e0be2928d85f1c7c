"""Finds the codes of all problems in the source, with what each one says and how to mend it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optimizer

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# where a call that makes a problem carries its code: the position of the code, then cause and mend after it
_MAKERS = {
    "Problem": (0,),
    "fault": (0, 1),
    "_refused": (0,),
    "_fault": (0,),
    "_listed": (0,),
    "refuse": (1, 2),
    "told": (3,),
    "refuse_column": (2,),
}
_SOURCE = Path(optimizer.__file__).parent


def problem_codes() -> list[tuple[str, str, str]]:
    """Code, cause and mend of each problem, by code; what differs from case to case is written as `…`."""
    found: dict[str, tuple[str, str]] = {}
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_SOURCE.rglob("*.py"))]
    returns = {name: value for tree in trees for name, value in _returned(tree)}
    for tree in trees:
        for code, cause, mend in _in_file(tree, returns):
            known = found.get(code, ("", ""))
            found[code] = (_joined(known[0], cause), _joined(known[1], mend))
    return [(code, *found[code]) for code in sorted(found)]


def _joined(known: str, more: str) -> str:
    """Several wordings of one code, each once."""
    parts = [part for part in known.split(" / ") if part]
    return " / ".join(parts if not more.strip("… ") or more in parts else [*parts, more])


def _returned(tree: ast.Module) -> Iterator[tuple[str, ast.Tuple]]:
    """Functions that return a pair of texts, as cause and mend."""
    for function in [node for node in tree.body if isinstance(node, ast.FunctionDef)]:
        last = function.body[-1]
        if isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple):
            yield function.name, last.value


def _in_file(tree: ast.Module, returns: dict[str, ast.Tuple]) -> Iterator[tuple[str, str, str]]:
    constants = _assigned(ast.Module([node for node in tree.body if isinstance(node, (ast.Assign, ast.AnnAssign))], []))
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        names = [*constants, *_assigned(function)]
        for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
            at = _code_at(call)
            if at is None:
                continue
            rest = [part for argument in call.args[at + 1 :] for part in _spread(argument, returns)]
            if _name(call) == "_listed":
                rest = rest[1:]  # the rows stand between code and cause
            before = [
                (name, value) for line, name, value in names if line < call.lineno or (line, name, value) in constants
            ]
            cause, mend, *_ = [*(_words(part, before) for part in rest), "", ""]
            yield _text(call.args[at]), cause, mend


def _spread(argument: ast.expr, returns: dict[str, ast.Tuple]) -> list[ast.expr]:
    """`*f(x)` stands for the two texts that f returns."""
    if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Call):
        pair = returns.get(_name(argument.value))
        return list(pair.elts) if pair is not None else []
    return [argument]


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _code_at(call: ast.Call) -> int | None:
    for at in _MAKERS.get(_name(call), ()):
        if len(call.args) > at and _CODE.fullmatch(_text(call.args[at])):
            return at
    return None


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _words(node: ast.expr, names: list[tuple[str, ast.expr]]) -> str:
    """A text of the source with `…` for what is filled in; a name is followed to its last assignment."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        parts = [_words(part, names) if isinstance(part, ast.Constant) else "…" for part in node.values]
        return re.sub(r"…[…:]*…", "…", "".join(parts))
    if isinstance(node, ast.BinOp):
        return _words(node.left, names) + _words(node.right, names)
    if isinstance(node, ast.Name):
        values = [value for name, value in names if name == node.id]
        return _words(values[-1], names) if values and not isinstance(values[-1], ast.Name) else "…"
    inner = _INNER.get(type(node))
    return _words(inner(node), names) if inner is not None else "…"


_INNER: dict[type[ast.AST], Callable[[Any], ast.expr]] = {
    ast.BoolOp: lambda node: node.values[-1],
    ast.Lambda: lambda node: node.body,
    ast.IfExp: lambda node: node.body,
    ast.GeneratorExp: lambda node: node.elt,
}


def _assigned(function: ast.AST) -> list[tuple[int, str, ast.expr]]:
    """Every assignment of a function: line, name, value; in pairs where tuples are assigned."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        elif isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
        else:
            continue
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = zip(target.elts, value.elts, strict=False)
        else:
            pairs = zip([target], [value], strict=True)
        found += [(node.lineno, name.id, said) for name, said in pairs if isinstance(name, ast.Name)]
    return sorted(found, key=lambda entry: entry[0])
