"""The files of a scenario: its documents and the file of creators, read inside one folder and recorded."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from optimizer.domain.fitted import FittedAudience
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import InputFile
from optimizer.errors import Place, Problem, ScenarioError
from optimizer.loading.columns import Wanted
from optimizer.loading.fitted_audience import read_fitted
from optimizer.loading.handle_lists import HandleList, read_handles
from optimizer.loading.not_a_scenario import check_kind
from optimizer.loading.overlap_files import Given, ReadPeople, read_people
from optimizer.loading.past_posts import FileOfPosts, PostColumns, read_posts
from optimizer.loading.schema import HandleFile, PostsFile, ScenarioFile
from optimizer.loading.source import MOST_BYTES, Allowance, Node, from_mapping, parse_yaml, short
from optimizer.pool_file.frames import table_from_frame
from optimizer.pool_file.read import read_table
from optimizer.pool_file.table import Table

_PATH = 200  # characters of a path in a message
_Content = TypeVar("_Content")


class ScenarioFiles:
    """The files of a scenario: read once, confined to the root, recorded with their digests."""

    def __init__(
        self, source: str | os.PathLike[str] | Mapping[str, object], root: str | os.PathLike[str] | None
    ) -> None:
        self.inputs: list[InputFile] = []
        self.folders: dict[str, Path] = {}
        self.left = Allowance()
        self.lists: dict[object, HandleList] = {}
        self.posts: dict[object, FileOfPosts] = {}
        self.tables: dict[Path, Table] = {}
        self.learned: dict[Path, FittedAudience] = {}
        self.samples: dict[Path, tuple[list[str], ReadPeople]] = {}
        if isinstance(source, Mapping):
            self.main = self.own = "scenario"
            self.home = Path(root or ".").resolve()
            self.root = self.home
            self.document = from_mapping(source)
            return
        path = Path(source)
        self.main = str(path)
        if "\x00" in self.main:
            raise ScenarioError([Problem("file", "the path contains a zero byte", "remove it")])
        real = Path(os.path.realpath(path))
        self.home = real.parent
        self.own = self._shown(real)  # as the files that extend it name it
        self.root = Path(root).resolve() if root is not None else self.home
        self.document = parse_yaml(self._read(path, self.main, None), self.main, self.left)
        self.folders[self.main] = self.home

    def parent(self, reference: Node) -> tuple[str, Node]:
        """The document that `extends` names."""
        path = self.inside(reference)
        shown = self._shown(path)
        self.folders[shown] = path.parent
        return shown, parse_yaml(self._read(path, shown, reference.place), shown, self.left)

    def inside(self, reference: Node) -> Path:
        """The path that a file refers to, relative to that file; checked to stay inside the root."""
        text = reference.value
        if not isinstance(text, str) or not text.strip():
            raise ScenarioError([Problem("path", "a path is expected here", "write a file's name", reference.place)])
        said = short(text, _PATH)
        if Path(text).is_absolute() or "\x00" in text or text.startswith("~"):
            raise ScenarioError(
                [
                    Problem(
                        "path-absolute",
                        f"{said} is not a relative path",
                        "write the path from the folder of this file",
                        reference.place,
                    )
                ]
            )
        folder = self.folders.get(reference.place.file, self.home)
        path = Path(os.path.realpath(folder / text))
        if not path.is_relative_to(self.root):
            cause = f"{said} lies outside the folder that may be read"
            mend = "move the file inside, or name a wider folder with --root"
            raise ScenarioError([Problem("path-outside", cause, mend, reference.place)])
        return path

    def _shown(self, path: Path) -> str:
        try:
            return os.path.relpath(path)
        except ValueError:
            return str(path)

    def _read(self, path: Path, shown: str, place: Place | None) -> bytes:
        said = short(shown, _PATH)
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                what = "a folder" if stat.S_ISDIR(status.st_mode) else "not an ordinary file"
                raise ScenarioError([Problem("not-a-file", f"{said} is {what}", "name a scenario file", place)])
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "cannot be read"
            cause = f"{said} cannot be read: {reason.lower()}"
            raise ScenarioError([Problem("file", cause, "check the path", place)]) from None
        check_kind(data, shown, place)
        self.inputs.append(InputFile(self._from_home(path), hashlib.sha256(data).hexdigest()))
        return data

    def _from_home(self, path: Path) -> str:
        try:
            return Path(os.path.relpath(path.resolve(), self.home)).as_posix()
        except ValueError:
            return path.name

    def pool(self, said: ScenarioFile, document: Node, wanted: Wanted, frame: object | None) -> Table | None:
        """The table of creators: from the given frame, else the file; None if there are only segments."""
        if frame is not None:
            return table_from_frame(frame, "creators", wanted.sources)
        creators = document.at(("creators",))
        if creators is not None and creators.value is not None and said.creators is None:
            raise ScenarioError([])  # at fault, and reported already
        if creators is None and said.segments:
            return None
        if creators is None or said.creators is None or said.creators.file is None:
            mend = "add creators: pool.csv, or segments: [...]" if creators is None else "add file: pool.csv"
            place = document.place if creators is None else creators.key_place
            raise ScenarioError([Problem("missing-key", "the file of creators is missing", mend, place)])
        reference = document.at(("creators", "file")) or creators
        path = self.inside(reference)
        try:
            table = read_table(path, self._shown(path), wanted.sources, said.creators.sheet, said.creators.header)
        except ScenarioError as error:
            raise ScenarioError(_at(reference.place, problem) for problem in error.problems) from None
        self._record(path)
        return replace(table, name=self._from_home(path))  # a plan holds its warnings, and is verified anywhere

    def handles(self, said: HandleFile, reference: Node) -> HandleList:
        """The handles of a file that `exclude` names, read once."""
        path = self.inside(reference)
        asked = path, said.sheet, said.header, said.columns
        if asked not in self.lists:
            shown = self._shown(path)
            try:
                self.lists[asked] = read_handles(path, shown, self._from_home(path), said)
            except ScenarioError as error:
                raise ScenarioError(_at(reference.place, problem) for problem in error.problems) from None
            self._record(path)
        return self.lists[asked]

    def past_posts(self, said: PostsFile, wanted: PostColumns, reference: Node) -> FileOfPosts:
        """The posts of the file that `forecast` names, read once."""
        path = self.inside(reference)
        asked = path, said.model_dump_json(), wanted.place
        if asked not in self.posts:
            name = self._from_home(path)
            try:
                self.posts[asked] = read_posts(path, self._shown(path), name, wanted, said.sheet, said.header)
            except ScenarioError as error:
                raise ScenarioError(_at(reference.place, problem) for problem in error.problems) from None
            self._record(path)
        return self.posts[asked]

    def sizes(self, reference: Node) -> Table:
        """The file of how many people the audience has, read once."""
        path = self.inside(reference)
        if path not in self.tables:
            self.tables[path] = self._read_once(path, reference, lambda: read_table(path, self._shown(path), _every))
        return self.tables[path]

    def fitted(self, reference: Node) -> FittedAudience:
        """The file of learned overlap that `audience` names, read once."""
        path = self.inside(reference)
        if path not in self.learned:
            self.learned[path] = self._read_once(path, reference, lambda: read_fitted(path, self._shown(path)))
        return self.learned[path]

    def people(self, reference: Node, pool: Pool) -> ReadPeople:
        """The sample of people that `audience` names, by positions in a pool; read once for the same creators."""
        path, keys = self.inside(reference), list(pool.keys)
        if path not in self.samples or self.samples[path][0] != keys:
            found = self._read_once(path, reference, lambda: read_people(Given(path, shown=self._shown(path)), pool))
            warnings = tuple(text.replace(self._shown(path), self._from_home(path)) for text in found.warnings)
            self.samples[path] = keys, replace(found, warnings=warnings)
        return self.samples[path][1]

    def _read_once(self, path: Path, reference: Node, read: Callable[[], _Content]) -> _Content:
        """What a file says, with the faults of the whole file at the place that names it."""
        try:
            found = read()
        except ScenarioError as error:
            raise ScenarioError(_at(reference.place, problem) for problem in error.problems) from None
        if all(one.path != self._from_home(path) for one in self.inputs):
            self._record(path)
        return found

    def _record(self, path: Path) -> None:
        """Note that a file was read, with its digest."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.inputs.append(InputFile(self._from_home(path), digest))


def _every(header: tuple[str, ...]) -> list[str]:
    return [name for name in header if name]


def _at(place: Place, problem: Problem) -> Problem:
    """A fault of a whole file, at the place that names the file."""
    if problem.place is None or problem.place.line is not None:
        return problem
    return replace(problem, place=place, cause=f"{problem.place.file}: {problem.cause}")
