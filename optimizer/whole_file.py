"""Files that are written as a whole or not at all, whatever happens, and never replace a device.

A file is written beside its destination, flushed to the disk, and moved there in one step. A process that is killed
leaves at most a file `.creatormix-...` behind.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

_NO_LINKS: Final = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, or replace the existing one and keep its mode.

    The target of a link is replaced. A device or a pipe is written to directly.

    Raises
    ------
    OSError
        If it cannot be written. An existing file is unchanged.
    """
    before = _about(path)
    if before is not None and not stat.S_ISREG(before.st_mode):
        with path.open("wb") as file:
            file.write(content)
        return
    place = Path(os.path.realpath(path))
    with _beside(place, content) as whole:
        if before is not None:
            whole.chmod(stat.S_IMODE(before.st_mode))
        whole.replace(place)
    _keep(place.parent)


def write_new(folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
    """Write all of the files or none; the last one first, so that if the first one exists, all do.

    A file that already has the same content, as left by a killed process, is accepted.

    Raises
    ------
    FileExistsError
        If another file exists. It is unchanged.
    OSError
        If they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places = {folder / name: content for name, content in files if not holds(folder / name, content)}
    placed: list[Path] = []
    with ExitStack() as stack:
        whole = {place: stack.enter_context(_beside(place, content)) for place, content in places.items()}
        try:
            for place in reversed(places):
                _place_new(whole[place], place, placed)
        except BaseException:
            for place in placed:
                with suppress(OSError):
                    place.unlink()
            raise
    _keep(folder)


def holds(path: Path, content: bytes) -> bool:
    """Whether there is a file with exactly this content."""
    try:
        about = path.stat()
        return stat.S_ISREG(about.st_mode) and about.st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _about(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


@contextmanager
def _beside(place: Path, content: bytes) -> Iterator[Path]:
    """A temporary file with the content beside its destination; removed at the end if it was not moved."""
    path = place.with_name(f".creatormix-{secrets.token_hex(6)}")  # short: the destination's name may be maximal
    try:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _place_new(whole: Path, place: Path, placed: list[Path]) -> None:
    """Place a file in one step, which fails if a file exists by now."""
    try:
        os.link(whole, place)
        placed.append(place)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        place.open("xb").close()  # without hard links, the name is taken first: two steps
        placed.append(place)
        whole.replace(place)


def _keep(folder: Path) -> None:
    """Flush the names in a folder to the disk, if the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
