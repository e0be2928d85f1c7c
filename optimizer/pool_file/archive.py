"""Open a zip file, and what is packed as one, such as a workbook, without being overrun by what it holds."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Final

from optimizer.pool_file.limits import FEWER, fault, refusal

MAX_UNPACKED: Final = 200_000_000
MAX_MEMBERS: Final = 10_000
_DENSEST: Final = 1_100  # what one byte can unpack to at most, in the one way of packing that is allowed
_WAYS: Final = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED: Final = 1


@contextmanager
def damage_named(file: str) -> Iterator[None]:
    """Turn what the library raises for damaged data into a fault."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, NotImplementedError):
        raise refusal("damage", file) from None


class Archive:
    """The members of a zip file by name.

    Raises
    ------
    ScenarioError
        When it is damaged, locked by a password, or unpacks to too much.
    """

    def __init__(self, raw: bytes, file: str) -> None:
        self.file = file
        with damage_named(file):
            self._zip = zipfile.ZipFile(BytesIO(raw))
            found = self._zip.infolist()
        if len(found) > MAX_MEMBERS:
            raise fault("pool-too-large", f"it holds {len(found):,} files; at most {MAX_MEMBERS:,}", FEWER, file)
        if any(one.flag_bits & _ENCRYPTED for one in found):
            cause, mend = "it is locked with a password", "save it without a password"
            raise fault("pool-format", cause, mend, file)
        # What is declared binds: no member is unpacked beyond it.
        if sum(one.file_size for one in found) > MAX_UNPACKED:
            cause = f"it unpacks to more than {MAX_UNPACKED:,} bytes"
            raise fault("pool-too-large", cause, f'{FEWER}, or save the table as "CSV UTF-8"', file)
        named = {_name(one): one for one in found}
        odd = any(
            one.compress_type not in _WAYS or one.file_size > _DENSEST * one.compress_size + _DENSEST for one in found
        )
        if odd or len(named) < len(found) or "" in named:
            raise refusal("damage", file)
        self.members = {name: one for name, one in named.items() if not name.endswith("/")}

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """Unpack a member, piece by piece."""
        with damage_named(self.file), self._zip.open(self.members[name]) as stream:
            yield stream

    def read(self, name: str) -> bytes:
        """Unpack a member as a whole."""
        with self.opened(name) as stream:
            return stream.read()


def _name(member: zipfile.ZipInfo) -> str:
    """The name of a member; many programs write UTF-8 without saying so."""
    try:
        return member.filename.encode("cp437").decode()
    except UnicodeError:
        return member.filename


def is_zip(raw: bytes) -> bool:
    """Whether the bytes begin as a zip file does."""
    return raw.startswith((b"PK\x03\x04", b"PK\x05\x06"))
