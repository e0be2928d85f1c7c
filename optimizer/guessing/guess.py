"""Guesses which column of a file is which of ours, each with its reason; where two may be meant, none is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final

from optimizer import presets
from optimizer.domain.filters import fold
from optimizer.guessing.content import Content
from optimizer.guessing.names import OF_POSTS, RANKS, kind_of_fee, rank, says_percent
from optimizer.pool_file.table import Table
from optimizer.presets import Preset
from optimizer.presets.preset import plain

_SHARES: Final = ("engagement_rate", "authenticity", "all but authenticity")
_TEXTS: Final = ("creator", "platform", "niche", "country", "currency")
_CODES: Final = r"(?i)^(?:[a-z]{2}|usa|uae)$"


@dataclass(frozen=True)
class Guess:
    """Where one of our columns comes from, and why; `sure` where nothing speaks against it.

    `way` is how the columns are read: from, sum, all_but or is. `kept` is the reason as a scenario keeps it, which
    names no creator, so that who is to be forgotten is in files alone; blank where it is the same.
    """

    ours: str
    columns: tuple[str, ...]
    why: str
    sure: bool = True
    way: str = "from"
    percent: bool = False
    definition: str | None = None
    kept: str = ""


@dataclass(frozen=True)
class Unclear:
    """Columns of the file that may all be the same of ours, so that none is taken."""

    ours: str
    columns: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Guesses:
    """All guesses about a file. `by_preset` are our columns that the preset reads, with their columns of the file;
    `blank` are columns of the file without any cell."""

    columns: Mapping[str, Guess]
    unclear: tuple[Unclear, ...] = ()
    unused: tuple[str, ...] = ()
    preset: Preset | None = None
    why_preset: str = ""
    by_preset: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    posts: bool = False
    blank: tuple[str, ...] = ()

    def has(self, ours: str) -> bool:
        """Whether one of our columns is known."""
        return ours in self.columns or ours in self.by_preset

    def of(self, ours: str) -> tuple[str, ...]:
        """The columns of the file that one of ours comes from."""
        return self.columns[ours].columns if ours in self.columns else self.by_preset.get(ours, ())

    @property
    def fees(self) -> tuple[str, ...]:
        """Our columns of fees: one for all pieces, or one for each kind."""
        known = [*self.columns, *self.by_preset]
        return tuple(name for name in known if name == "fee" or name.startswith("fee_"))


def recognized(header: Sequence[str]) -> list[str]:
    """The names of a header that say what they are: by these its row is found."""
    spelled = {plain(name) for preset in map(presets.load, presets.names()) for name in _spellings(preset)}
    known = [
        name
        for name in header
        if name and (plain(name) in spelled or kind_of_fee(name) or any(rank(name, ours) is not None for ours in RANKS))
    ]
    return list({fold(name): name for name in reversed(known)}.values())


def _spellings(preset: Preset) -> Iterable[str]:
    for column in preset.columns:
        for part in column.parts:
            yield from part


def guess(table: Table) -> Guesses:
    """Guess what the columns of a table are.

    Of columns whose names differ in capitals only, and of columns that were not read, nothing is guessed.
    """
    folded = [fold(name) for name in table.header]
    there = [name for name in table.header if name in table.columns and folded.count(fold(name)) == 1]
    contents = {name: Content.of(table, name) for name in there}
    preset, why = _preset(table.header, table.file)
    by_preset, own = _by_preset(preset, table.header, contents)
    read = {name for columns in by_preset.values() for name in columns} | {one.columns[0] for one in own.values()}
    left = {name: one for name, one in contents.items() if name not in read}
    named, unclear = _named(left, {*by_preset, *own})
    found = {**own, **named}
    found = {**own, **found}
    if "platform" not in found and "platform" not in by_preset:
        found |= _platform(contents, found.get("creator"))
    used = read | {name for one in found.values() if one.way != "is" for name in one.columns}
    doubtful = {name for one in unclear for name in one.columns}
    blank = tuple(name for name, one in contents.items() if not one.filled and name not in used)
    unused = tuple(name for name in table.header if name and name not in used | doubtful | set(blank))
    posts = preset.posts if preset else _of_posts(contents, found.get("creator"))
    return Guesses(found, tuple(unclear), unused, preset, why, by_preset, posts, blank)


# --- by a preset ---


def _preset(header: Sequence[str], file: str) -> tuple[Preset | None, str]:
    """The preset whose headers the file has; of several, the one that knows the most of them."""
    known = [presets.load(name) for name in presets.names()]
    fitting = [preset for preset in known if preset.fits(header)]
    most = max((len(preset.matched(header)) for preset in fitting), default=0)
    best = [preset for preset in fitting if len(preset.matched(header)) == most]
    if len(best) == 1:
        marks = ", ".join(f'"{names[0]}"' for names in best[0].marks)
        return best[0], f"the header has {marks} or the same in another language" if _many(best[0]) else (
            f"the header has {marks}"
        )
    words = plain(PurePath(file).stem)
    named = [
        preset for preset in known if not preset.marks and preset.name in words and "creator" in preset.matched(header)
    ]
    return (named[0], f"the file's name says {named[0].name}") if len(named) == 1 and not best else (None, "")


def _many(preset: Preset) -> bool:
    return any(len(names) > 1 for names in preset.marks)


def _by_preset(
    preset: Preset | None, header: Sequence[str], contents: Mapping[str, Content]
) -> tuple[dict[str, tuple[str, ...]], dict[str, Guess]]:
    """What the preset reads; and what it would read in another unit than the cells have."""
    by_preset: dict[str, tuple[str, ...]] = {}
    own: dict[str, Guess] = {}
    for ours, (way, columns) in preset.matched(header).items() if preset else ():
        content = contents.get(columns[0]) if columns else None
        fractions = content is not None and content.numbers and not content.percent and content.most <= 1
        if way.percent and fractions and content is not None:
            why = f"the preset takes it for percent, but its numbers go to {content.most:g}, as fractions do"
            own[ours] = Guess(ours, columns, why, sure=False, way="all_but" if way.all_but else "from")
        else:
            by_preset[ours] = columns
    return by_preset, own


# --- by names and content ---


def _named(contents: Mapping[str, Content], known: set[str]) -> tuple[dict[str, Guess], list[Unclear]]:
    found: dict[str, Guess] = {}
    unclear: list[Unclear] = []
    for ours in RANKS:
        target = "authenticity" if ours == "all but authenticity" else ours
        if target in known or target in found:
            continue
        taken = {name for one in found.values() for name in one.columns}
        left = {name: one for name, one in contents.items() if name not in taken}
        if ours == "fee":
            found |= _fees(left, unclear)
            continue
        best = _best(ours, left)
        if len(best) == 1:
            found[ours] = _guess(ours, *best[0], contents[best[0][0]])
            if ours == "niche":
                found[ours] = _numbered(found[ours], left)
        elif best and ours not in ("likes", "comments"):
            unclear.append(Unclear(target, tuple(name for name, _ in best)))
    return _put_together(found, known), unclear


def _numbered(guess: Guess, contents: Mapping[str, Content]) -> Guess:
    """A text with the columns that are numbered like its own: niche1, niche2, ... are one column of several values."""
    base = plain(guess.columns[0]).rstrip("0123456789")
    if base == plain(guess.columns[0]):
        return guess
    others = [name for name, one in contents.items() if plain(name).rstrip("0123456789") == base and not one.numbers]
    return (
        replace(guess, columns=tuple(others), why=f"{guess.why}; {len(others)} columns are numbered")
        if others
        else guess
    )


def _best(ours: str, contents: Mapping[str, Content]) -> list[tuple[str, int]]:
    """The columns of the nearest rank whose content fits."""
    ranked = [
        (name, at) for name, one in contents.items() if (at := rank(name, ours)) is not None and _fits(ours, at, one)
    ]
    nearest = min((at for _, at in ranked), default=0)
    best = [(name, at) for name, at in ranked if at == nearest]
    exact = [(name, at) for name, at in best if fold(name) == ours]
    return exact or best


def _fits(ours: str, at: int, content: Content) -> bool:
    """Whether the cells may be what the name says."""
    if not content.filled:
        return False
    if ours == "creator":
        addresses = content.share(r"(?i)^(?:https?://|www\.)")
        return not content.share(r"^\S+@\S+\.\S+$") > 0.5 and (at == 3 or addresses < 0.5 or bool(content.addressed))
    if ours == "platform":
        return bool(content.platforms) if at else not content.numbers
    if ours == "country":
        return not content.numbers and (at < 2 or content.share(_CODES) > 0.5)
    if ours == "currency":
        return content.share("^[A-Za-z]{3}$") > 0.9
    if ours in _TEXTS:
        return not content.numbers
    if not content.numbers:
        return False
    if ours in _SHARES:
        return content.middle <= 100 and (at == 0 or content.percent or content.middle != round(content.middle))
    if ours in ("followers", "average_engagements"):
        return not content.percent and content.most > 1
    return not content.percent


def _guess(ours: str, name: str, at: int, content: Content) -> Guess:
    """A guess with its reason."""
    what = f'"{name}" is a usual name for it' if fold(name) != fold(ours) else "the file has this name"
    if ours in _TEXTS:
        few = ", ".join(content.texts[:2])
        kept = what if ours == "creator" else ""
        return Guess(ours, (name,), f"{what}; it holds {few[:60]}", sure=at == 0, kept=kept)
    if ours in _SHARES:
        return _share(ours, name, at, content, what)
    shown = "percent" if content.percent else f"numbers up to {content.most:,.0f}"
    sign = f" with {sorted(content.signs)[0]}" if content.signs else ""
    return Guess(ours, (name,), f"{what}; {shown}{sign}", sure=at == 0)


def _share(ours: str, name: str, at: int, content: Content, what: str) -> Guess:
    way, target = ("all_but", "authenticity") if ours.startswith("all but") else ("from", ours)
    if content.percent:
        return Guess(target, (name,), f"{what}; its cells have a percent sign", sure=at == 0, way=way)
    percent = says_percent(name) or content.hundredths
    level = f"its numbers go to {content.most:g}"
    why = f"{what}; {level}, so they are {'percent' if percent else 'fractions'}"
    if says_percent(name):
        why = f"{what}; the name says percent"
    elif content.over_one and not percent:
        why = f"{what}; nearly all of its numbers are fractions, and one goes to {content.most:g}"
    sure = at == 0 and (percent or content.most < 0.8)
    return Guess(target, (name,), why, sure=sure, way=way, percent=percent)


def _put_together(found: Mapping[str, Guess], known: set[str]) -> dict[str, Guess]:
    """Likes and comments as interactions, where these are not known."""
    likes, comments = found.get("likes"), found.get("comments")
    told = {ours: one for ours, one in found.items() if ours not in ("likes", "comments")}
    told = {one.ours: one for one in told.values()}
    if likes is None or known & {"average_engagements"} or "average_engagements" in told:
        return told
    if comments is not None:
        columns = (likes.columns[0], comments.columns[0])
        why = "likes and comments are interactions; shares and saves are not in the file"
        meaning = " + ".join(columns)
        told["average_engagements"] = Guess("average_engagements", columns, why, way="sum", definition=meaning)
    elif "engagement_rate" not in told and "engagement_rate" not in known:
        why = "likes are the only interactions in the file, so that comments are left out"
        told["average_engagements"] = Guess(
            "average_engagements", likes.columns, why, sure=False, definition=f"{likes.columns[0]}, without comments"
        )
    return told


def _fees(contents: Mapping[str, Content], unclear: list[Unclear]) -> dict[str, Guess]:
    """The fee of all pieces, or one for each kind."""
    priced = {name: one for name, one in contents.items() if one.numbers and not one.percent}
    kinds: dict[str, list[str]] = {}
    for name in priced:
        if (kind := kind_of_fee(name)) is not None:
            kinds.setdefault(kind, []).append(name)
    if len(kinds) > 1:
        for kind, names in kinds.items():
            if len(names) > 1:
                unclear.append(Unclear(f"fee_{kind}", tuple(names)))
        single = {kind: names[0] for kind, names in kinds.items() if len(names) == 1}
        return {
            f"fee_{kind}": replace(_guess("fee", name, 0, priced[name]), ours=f"fee_{kind}")
            for kind, name in single.items()
        }
    best = _best("fee", priced)
    if not best and len(kinds) == 1:
        best = [(name, 1) for name in next(iter(kinds.values()))]
    if len(best) == 1:
        return {"fee": _guess("fee", *best[0], priced[best[0][0]])}
    if best:
        unclear.append(Unclear("fee", tuple(name for name, _ in best)))
    return {}


def _platform(contents: Mapping[str, Content], creator: Guess | None) -> dict[str, Guess]:
    """The platform by content: a column of nothing but platforms, or the addresses of accounts, or a header."""
    named = [name for name, one in contents.items() if one.platforms]
    if len(named) == 1:
        return {"platform": Guess("platform", (named[0],), "all its cells are platforms")}
    addressed = {one for content in contents.values() for one in content.addressed}
    if not named and len(addressed) == 1:
        only = next(iter(addressed))
        return {"platform": Guess("platform", (only,), f"all addresses are of {only}", way="is")}
    words = {word for name in (creator.columns if creator else ()) for word in plain(name).split()}
    said = [one for one in ("instagram", "tiktok", "youtube") if one in words]
    if not named and len(said) == 1:
        return {"platform": Guess("platform", (said[0],), "the column of the creators says so", sure=False, way="is")}
    return {}


def _of_posts(contents: Mapping[str, Content], creator: Guess | None) -> bool:
    """Whether each row is a post: creators stand in several rows, beside what only posts have."""
    if creator is None or not any(plain(name) in OF_POSTS for name in contents):
        return False
    return contents[creator.columns[0]].unlike < 0.8
