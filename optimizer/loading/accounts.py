"""Accounts of a file: handles however they are written, and the platforms that tell equal handles apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.domain.accounts import ON, PAGES, account_of, is_elsewhere, on_platform
from optimizer.domain.exact import Flags, Ints
from optimizer.domain.filters import fold
from optimizer.domain.pool import PLATFORM, Column, Labels
from optimizer.loading.casting import Casting
from optimizer.loading.columns import ColumnUse
from optimizer.loading.texts import column, data_of, known, matching, order_of

_PLAIN_URL = (  # the usual URLs, read without a look at each; others, and whatever looks like a page, are looked at
    r"(?i)^(?:https?://)?(?:www\.|m\.)?(?P<host>tiktok|instagram|twitter|x|youtube)\.com/"
    r"(?P<name>@?[a-z0-9._-]+)/?(?:\?[^#]*)?$"
)
_PAGES = f"{PAGES['instagram']} {PAGES['x']}".split()  # of the platforms whose accounts need no @


@dataclass(frozen=True, eq=False)
class Handles:
    """The handles of a file: their keys, what shows them, and the platforms that URLs say (None: there are no URLs)."""

    keys: pa.StringArray
    shown: pa.StringArray
    said: pa.StringArray | None = None

    def apart(self, platform: Column | None) -> tuple[Handles, Ints]:
        """The handles, with the platform where one stands on several; and the order of their keys.

        A handle is left alone where one of its rows has no platform: such rows are told as repeated.
        """
        order = order_of(self.keys)
        if not isinstance(platform, Labels) or len(order) < 2:
            return self, order
        keys = self.keys.take(pa.array(order))
        same = pc.equal(keys[1:], keys[:-1]).to_numpy(zero_copy_only=False)
        if not same.any():
            return self, order
        group = np.cumsum(np.append(True, ~same)) - 1
        folded = [fold(entry) for entry in platform.vocabulary]
        number = {entry: at for at, entry in enumerate(dict.fromkeys(folded))}
        code_of = np.array([*(number[entry] for entry in folded), -1], dtype=np.int64)
        codes = code_of[platform.codes[order]]
        lowest, highest = np.full(group[-1] + 1, len(number)), np.full(group[-1] + 1, -1)
        np.minimum.at(lowest, group, codes)
        np.maximum.at(highest, group, codes)
        several = np.zeros(len(order), dtype=np.bool_)
        several[order] = ((lowest >= 0) & (lowest < highest))[group]
        several &= pc.not_equal(self.keys, "").to_numpy(zero_copy_only=False)
        if not several.any():
            return self, order
        where = pa.array(several)
        rows = np.flatnonzero(several)
        named = [folded[code] for code in platform.codes[rows].tolist()]
        keys_of = pc.binary_join_element_wise(self.keys.filter(where), column(named), ON)
        names = [platform.vocabulary[code] for code in platform.codes[rows].tolist()]
        pairs = zip(self.shown.filter(where).to_pylist(), names, strict=True)
        shown = column([on_platform(str(handle), name) for handle, name in pairs])
        told = Handles(
            pc.replace_with_mask(self.keys, where, keys_of), pc.replace_with_mask(self.shown, where, shown), self.said
        )
        return told, order_of(told.keys)


def keys_and_platforms(cells: pa.StringArray) -> tuple[pa.StringArray, pa.StringArray | None]:
    """The keys of handles, null where a cell is blank; and the platforms that URLs say, None where there is no URL."""
    keys = pc.utf8_lower(cells)
    keys = pc.if_else(pc.starts_with(keys, "@"), pc.utf8_slice_codeunits(keys, 1), keys)
    data, _ = data_of(cells)
    said: pa.StringArray | None = None
    looked_at = np.zeros(len(cells), dtype=np.bool_)
    if (data >= 0x80).any():
        looked_at = ~pc.fill_null(pc.string_is_ascii(cells), True).to_numpy(zero_copy_only=False)
    if (data == ord("/")).any():
        keys, said, plain = _plain_urls(cells, keys)
        looked_at |= matching(cells, "/") & ~plain
    if looked_at.any():  # case folding beyond ASCII is Python's, so that it is the same everywhere
        odd = pa.array(looked_at)
        found = [account_of(cell) for cell in cells.filter(odd).to_pylist()]
        keys = pc.replace_with_mask(keys, odd, column([key for key, _ in found]))
        if said is not None:
            said = pc.replace_with_mask(said, odd, column([platform or None for _, platform in found]))
    return keys, said if said is not None and said.null_count < len(said) else None


def _plain_urls(cells: pa.StringArray, keys: pa.StringArray) -> tuple[pa.StringArray, pa.StringArray, Flags]:
    """The keys and platforms of usual URLs, and which cells these are."""
    parts = pc.extract_regex(cells, _PLAIN_URL)
    host, name = pc.utf8_lower(pc.struct_field(parts, "host")), pc.utf8_lower(pc.struct_field(parts, "name"))
    at = pc.fill_null(pc.starts_with(name, "@"), False)
    free = pc.is_in(host, pa.array(["instagram", "twitter", "x"]))
    page = pc.is_in(name, pa.array(_PAGES))
    plain = known(name) & pc.or_(at, pc.and_(free, pc.invert(page))).to_numpy(zero_copy_only=False)
    plain &= ~matching(name, "^@$")
    where = pa.array(plain)
    keys = pc.if_else(where, pc.replace_substring_regex(name, "^@", ""), keys)
    said = pc.if_else(where, pc.if_else(pc.equal(host, "twitter"), "x", host), None)
    return keys, said, plain


def with_said(
    casting: Casting, uses: Mapping[str, ColumnUse], handles: Handles, columns: dict[str, Column]
) -> dict[str, Column]:
    """The columns, with platforms that URLs say where the file has none; where it has another, that is reported."""
    platform = columns.get(PLATFORM)
    if handles.said is None or not (platform is None or isinstance(platform, Labels)):
        return columns
    names = [str(name) for name in pc.unique(handles.said).to_pylist() if name is not None]
    url_codes = np.full(len(handles.said), -1, dtype=np.int64)
    for code, name in enumerate(names):
        url_codes[pc.fill_null(pc.equal(handles.said, name), False).to_numpy(zero_copy_only=False)] = code
    own = Labels(np.full(len(url_codes), -1, dtype=np.int64), ()) if platform is None else platform
    _refuse_others(casting, uses, own, names, url_codes)
    spelled = {fold(entry): entry for entry in reversed(own.vocabulary)}
    filled = [spelled.get(name, name) for name in names]
    vocabulary = tuple(sorted({*own.vocabulary, *filled}, key=str.encode))
    code_of = {entry: code for code, entry in enumerate(vocabulary)}
    kept = np.array([*(code_of[entry] for entry in own.vocabulary), -1], dtype=np.int64)[own.codes]
    of_url = np.array([*(code_of[entry] for entry in filled), -1], dtype=np.int64)[url_codes]
    return {**columns, PLATFORM: Labels(np.where(kept >= 0, kept, of_url), vocabulary)}


def _refuse_others(
    casting: Casting, uses: Mapping[str, ColumnUse], platform: Labels, names: list[str], url_codes: Ints
) -> None:
    """Report rows whose platform is another one than the URL of the account says."""
    use = uses.get(PLATFORM)
    if use is None:
        return
    source = use.source.columns[0] if use.source.columns else PLATFORM
    for code, name in enumerate(names):
        other = np.array([*(is_elsewhere(entry, name) for entry in platform.vocabulary), False], dtype=np.bool_)
        _refuse_other(casting, source, (url_codes == code) & other[platform.codes], name)


def _refuse_other(casting: Casting, source: str, where: Flags, platform: str) -> None:
    casting.refuse(
        source, where, "other-platform",
        lambda cell: f'{source} is "{cell}", and the address of the account is on {platform}', "correct one of the two",
    )  # fmt: skip
