"""In which keys two loaded scenarios differ, and the scenarios between them, which have some keys of each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import dataclass, replace
from os import path as paths
from pathlib import Path

from optimizer.domain.scenario import Scenario
from optimizer.errors import ScenarioError
from optimizer.loading.assemble import assembled
from optimizer.loading.faults import read
from optimizer.loading.files import ScenarioFiles
from optimizer.loading.known import Known
from optimizer.loading.load import dotted, with_same_pool
from optimizer.loading.source import Node

# Sections whose entries mean something by themselves, so that the first may come, or the last one go, alone.
_APART = ("assume", "boost", "constraints", "costs", "economics", "exchange", "pay", "quantities", "wallets")
_WHAT_A_RULE_IS = ("quantity", "of", "per", "among")  # where these differ, two rules share only their name
_NAMING_FILES = ("creators", "exclude", "forecast")
_GOAL_AND_BOUNDS = ("budget", "wallets", "objective", "constraints")
_NO_EFFECT = ("name", "accepted")  # on what can be planned
_READ_MOST = 50_000  # values that are read again, key by key, which takes 0.2 s
_CREATORS = ("creators",)

Steps = tuple[str, ...]
Pair = tuple[Steps, Node | None, Node | None]


@dataclass(frozen=True, eq=False)
class Key:
    """A key in which two scenarios differ, with its node in the `other` one (None: it is not there).

    `before` and `after` are the values of both as they would be written in one line.
    """

    path: Steps
    other: Node | None
    before: str | None
    after: str | None

    @property
    def name(self) -> str:
        """The key as it is written in a change."""
        return dotted(self.path)

    @property
    def counts(self) -> bool:
        """Whether it can change what is planned."""
        return self.path[0] not in _NO_EFFECT


class Between:
    """Two loaded scenarios, the `keys` in which they differ, and the scenarios that have some keys of each.

    The keys are in the order of the base's file; those that only the other scenario has come after those beside them.
    """

    def __init__(self, base: Scenario, other: Scenario) -> None:
        self.base = base
        ours, theirs = _known(base), _known(other)
        self._document, document = _normal(base, ours), _normal(other, theirs)
        files = _together(ours.files, theirs.files)
        self._known = tuple(
            replace(one, files=copy(files), earlier=[(one.asked, one.found, one.doubts)]) for one in (ours, theirs)
        )
        self._made = [(base, self._document), (other, document)]
        self.keys = tuple(self._really(_keys(self._document, document, ours, theirs)))

    def _really(self, found: list[Key]) -> Iterator[Key]:
        """The keys that do not only say the same in another way, such as 15_000 for 15000."""
        said, problems = read(self._document)
        few = len(found) * sum(1 for _ in self._document.leaves()) <= _READ_MOST
        for key in found:
            if few and key.path[0] not in _NAMING_FILES and not problems:
                again, more = read(_mixed(self._document, [key]))
                if again == said and not more:
                    continue
            yield key

    def mixed(self, chosen: Collection[Key]) -> Scenario:
        """The base with some keys as in the other scenario; doubts that either has settled are settled.

        Raises
        ------
        ScenarioError
            If that is not a scenario.
        """
        settled = [key for key in self.keys if key.path == ("accepted",) and key.other is not None]
        document = _mixed(self._document, [*(key for key in chosen if key.counts), *map(self._joined, settled)])
        said, problems = read(document)
        if said is None:
            raise ScenarioError(problems)
        known = self._known[any(key.path == _CREATORS for key in chosen)]
        made, more = assembled(said, document, known)
        if problems or more or made is None:
            raise ScenarioError([*problems, *more])
        beside = _beside(document)
        for like, written in self._made:
            if made.read is not None and _found(made) is _found(like) and _beside(written) == beside:
                made = with_same_pool(made, like)
                break
        self._made.append((made, document))
        return made

    def _joined(self, key: Key) -> Key:
        """The doubts that are settled in either scenario, each once."""
        ours, theirs = self._document.at(key.path), key.other
        lists = [node.value for node in (ours, theirs) if node is not None and isinstance(node.value, list)]
        every = {_text(node): node for entries in lists for node in entries}
        return key if theirs is None else replace(key, other=replace(theirs, value=list(every.values())))


def between(base: Scenario, other: Scenario) -> Between | None:
    """Two scenarios and what is between them; None if one of them was not read from a file or a mapping."""
    loaded = all(isinstance(one.read, Known) and isinstance(one.resolved, Node) for one in (base, other))
    return Between(base, other) if loaded else None


def _known(scenario: Scenario) -> Known:
    if not isinstance(scenario.read, Known):
        raise ValueError("the scenario was not loaded")
    return scenario.read


def _found(scenario: Scenario) -> object:
    return _known(scenario).found


# --- documents that can be mixed ---


def _normal(scenario: Scenario, known: Known) -> Node:
    """The document of a scenario: without blank keys, and where it names files, placed in the folder they are in."""
    document = scenario.resolved
    if not isinstance(document, Node) or not isinstance(document.value, dict):
        raise ValueError("the scenario was not loaded")
    entries = {}
    for key, said in document.value.items():
        if said.value is not None:
            node = _placed(said, known.files) if key in _NAMING_FILES else _without_blanks(said)
            is_name = key == "creators" and isinstance(node.value, str)
            entries[key] = replace(node, value={"file": node}) if is_name else node
    return replace(document, value=entries)


def _without_blanks(node: Node) -> Node:
    if isinstance(node.value, dict):
        inside = {key: _without_blanks(one) for key, one in node.value.items() if one.value is not None}
        return replace(node, value=inside)
    return node


def _placed(node: Node, files: ScenarioFiles) -> Node:
    """A node whose places name the folder that files are looked for in."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _placed(one, files) for key, one in value.items() if one.value is not None}
    elif isinstance(value, list):
        value = [_placed(one, files) for one in value]
    folder = str(files.folders.get(node.place.file, files.home))
    return Node(value, replace(node.place, file=folder), node.key_place)


def _together(ours: ScenarioFiles, theirs: ScenarioFiles) -> ScenarioFiles:
    """The files of two scenarios; each of their folders is found under its own name."""
    both = copy(ours)
    folders = {*ours.folders.values(), ours.home, *theirs.folders.values(), theirs.home}
    both.folders = {**theirs.folders, **ours.folders, **{str(folder): folder for folder in folders}}
    try:
        both.root = Path(paths.commonpath([ours.root, theirs.root]))
    except ValueError:  # on two drives: what lies outside of ours is refused
        both.root = ours.root
    both.inputs = list(ours.inputs)
    return both


def _mixed(document: Node, chosen: Collection[Key]) -> Node:
    for key in chosen:
        document = _with(document, key.path, key.other) or document
    return document


def _with(node: Node | None, path: Steps, value: Node | None) -> Node | None:
    """A mapping with another value at a path; None as value removes the key, and with the last one the mapping."""
    if not path:
        return value
    entries = dict(node.value) if node is not None and isinstance(node.value, dict) else {}
    inner = _with(entries.get(path[0]), path[1:], value)
    if inner is None:
        entries.pop(path[0], None)
    else:
        entries[path[0]] = inner
    parent = node or value
    return None if parent is None or not entries else replace(parent, value=entries)


def _beside(document: Node) -> list[tuple[Steps, str, str]]:
    """All parts of a document except goal and bounds, and which folders its files are in."""
    return [
        (tuple(map(str, path)), str(node.value), node.place.file if path[0] in _NAMING_FILES else "")
        for path, node in document.leaves()
        if path[0] not in _GOAL_AND_BOUNDS
    ]


# --- what differs ---


def _keys(document: Node, other: Node, ours: Known, theirs: Known) -> list[Key]:
    found = list(_differing((), document, other))
    if _same_table(ours.frame, theirs.frame):
        return [_key(*pair) for pair in found]
    keys = [_key(*pair) for pair in found if pair[0][0] != "creators"]
    nodes = document.at(_CREATORS), other.at(_CREATORS)
    texts = (
        _text(node) if known.frame is None else _table(known) for node, known in zip(nodes, (ours, theirs), strict=True)
    )
    return [*keys, Key(_CREATORS, nodes[1], *texts)]


def _same_table(one: object, other: object) -> bool:
    """Whether two tables that were handed over are one; tables that cannot be compared cheaply are not."""
    if one is other:
        return True
    columns = [table for table in (one, other) if isinstance(table, dict)]
    if len(columns) < 2 or not all(isinstance(column, list) for table in columns for column in table.values()):
        return False
    return bool(columns[0] == columns[1])


def _table(known: Known) -> str:
    rows = 0 if known.pool is None else len(known.pool)
    return f"a table of {rows:,} rows"


def _key(path: Steps, one: Node | None, other: Node | None) -> Key:
    before, after = _text(one), _text(other)
    if before == after and one is not None and other is not None and path[0] in _NAMING_FILES:
        folders = _folders(one, other)  # one name, two files
        before, after = (f"{said} in {folder}" for said, folder in zip((before, after), folders, strict=True))
    return Key(path, other, before, after)


def _folders(one: Node, other: Node) -> list[str]:
    """The folders that files of two nodes are in, from the folder that holds both."""
    folders = [next(node.leaves())[1].place.file for node in (one, other)]
    try:
        common = paths.commonpath(folders)
    except ValueError:  # on two drives
        return folders
    return [Path(paths.relpath(folder, common)).as_posix() for folder in folders]


def _differing(path: Steps, one: Node | None, other: Node | None) -> Iterator[Pair]:
    if _told(path, one) == _told(path, other):
        return
    if not _is_parted(path, one, other):
        yield path, one, other
        return
    ours, theirs = _entries(one), _entries(other)
    for name in dict.fromkeys([*ours, *theirs]):
        yield from _differing((*path, name), ours.get(name), theirs.get(name))


def _entries(node: Node | None) -> dict[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _is_parted(path: Steps, one: Node | None, other: Node | None) -> bool:
    """Whether a difference is told, and made, entry by entry: whether each entry can change alone."""
    if not path:
        return True
    there = [node for node in (one, other) if node is not None]
    if not all(isinstance(node.value, dict) for node in there):
        return False
    if len(there) < 2:
        return len(path) == 1 and path[0] in _APART
    ours, theirs = _entries(one), _entries(other)

    def alike(key: str) -> bool:
        return _told((*path, key), ours.get(key)) == _told((*path, key), theirs.get(key))

    if path[0] == "constraints" and len(path) > 1:
        return len(path) == 2 and ours.keys() == theirs.keys() and all(map(alike, _WHAT_A_RULE_IS))
    if path == ("tiers",):  # several may only change together, as they may not overlap
        return sum(not alike(key) for key in {*ours, *theirs}) == 1
    if path == _CREATORS:
        return alike("file")  # another file may have other columns
    return path not in (("objective",), ("forecast", "past_posts"))


def _told(path: Steps, node: Node | None) -> object:
    """What a node says; for the name of a file, also which one it is."""
    if node is None:
        return None
    if isinstance(node.value, dict):
        return {key: _told((*path, key), one) for key, one in node.value.items()}
    if isinstance(node.value, list):
        return [_told((*path, ""), one) for one in node.value]
    return (path and path[0] in _NAMING_FILES and _file(node)) or node.value


def _file(node: Node) -> str:
    """The file that a text names; empty where there is none."""
    named = Path(node.place.file) / str(node.value)
    try:
        return paths.realpath(named) if named.is_file() else ""
    except (OSError, ValueError):  # no name that a file can have
        return ""


def _text(node: Node | None) -> str | None:
    """A value in one line; the file of creators, if nothing else is said of it, by its name."""
    if node is None:
        return None
    entries = _entries(node)
    if entries.keys() == {"file"} and isinstance(entries["file"].value, str):
        return entries["file"].value
    return _flow(node) if isinstance(node.value, (dict, list)) else str(node.value)


def _flow(node: Node) -> str:
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(one)}" for key, one in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(_flow, node.value)) + "]"
    return "null" if node.value is None else _scalar(str(node.value))


def _scalar(text: str) -> str:
    """A text within brackets, in quotes where it must be."""
    bare = bool(text) and text == text.strip() and text[0] not in "@`%&*!|>'\"#-?" and not set(text) & set(",[]{}:#")
    return text if bare else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
