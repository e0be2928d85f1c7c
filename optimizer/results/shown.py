"""What every result can do: print itself, also in a notebook, and be written as JSON and read back.

What does it lies above: it reads the results, which therefore do not import it. `install` says how it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeVar

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

View = Literal["bookings", "constraints", "totals"]
Language = Literal["en", "fr"]
Kind = TypeVar("Kind")


class Faces(Protocol):
    """The forms that a result is given out in."""

    def printed(self, result: Any, width: int) -> str:
        """As plain text."""

    def to_html(self, result: Any, language: str) -> str:
        """As a page of its own, in a language."""

    def to_fragment(self, result: Any) -> str:
        """As HTML for a notebook."""

    def to_dict(self, result: Any) -> dict[str, Any]:
        """As one object of plain values."""

    def to_json(self, result: Any) -> str:
        """As JSON text."""

    def from_json(self, document: str | bytes | Mapping[str, Any], kind: type[Kind]) -> Kind:
        """Read back from JSON."""

    def arrow(self, result: Any, view: View | None) -> pyarrow.Table:
        """One of its tables for Arrow; without a view, its only one."""

    def pandas_frame(self, result: Any, view: View | None) -> pandas.DataFrame:
        """The same for pandas."""

    def polars_frame(self, result: Any, view: View | None) -> polars.DataFrame:
        """The same for polars."""


_loaders: list[Callable[[], Faces]] = []


def install(load: Callable[[], Faces]) -> None:
    """Say how the faces are loaded, which happens when one is first asked for; the last loader counts."""
    _loaders[:] = [load]


def faces() -> Faces:
    """The faces, loaded."""
    return _loaders[0]()


class Shown:
    """A result that prints itself. What renders it is loaded only when it is asked for."""

    __slots__ = ()

    def __str__(self) -> str:
        return faces().printed(self, width=100)

    def _repr_html_(self) -> str:
        """What a page says, for a notebook: every text is escaped, and nothing is loaded from elsewhere."""
        return faces().to_fragment(self)

    def to_html(self, *, language: Language = "en") -> str:
        """The result as one page to mail and print: HTML in a single file, with no script and nothing from elsewhere.

        It has pictures if `vl-convert-python` is installed: `pip install 'creatormix[report]'`. The same result gives
        the same page.

        Parameters
        ----------
        language
            `en` for English, or `fr` for French. Your own names stay as they are.
        """
        return faces().to_html(self, language)

    def to_dict(self) -> dict[str, Any]:
        """The result as one object of plain values, which names its format: `creatormix/plan/1`."""
        return faces().to_dict(self)

    def to_json(self) -> str:
        """The same as JSON text."""
        return faces().to_json(self)


class Kept(Shown):
    """A result that can be read back from its JSON."""

    __slots__ = ()

    @classmethod
    def from_json(cls, document: str | bytes | Mapping[str, Any]) -> Self:
        """Read a result back from its JSON: equal to the one that was written, and written again to the same bytes.

        It is not planned or verified again: `verify` does that, with the scenario.

        Parameters
        ----------
        document
            JSON as text, as bytes or as an object, as `to_json` and `to_dict` give it; not a path.

        Raises
        ------
        DocumentError
            If it is not such a document, is of another version of the format, or was changed after it was written.
        """
        return faces().from_json(document, cls)


class Tabular(Kept):
    """A result with tables for programs: Arrow, pandas and polars."""

    __slots__ = ()

    def to_arrow(self, view: View = "bookings") -> pyarrow.Table:
        """One of the plan's tables for Arrow.

        Parameters
        ----------
        view
            `bookings`, one row per booking with all its quantities; `constraints`, one per rule; or `totals`, one per
            quantity.

        Notes
        -----
        A column has the same type in every plan: texts, 64-bit floats, `step` 64-bit integers and `binding` true or
        false; so the tables of several plans can be stacked. Money is a float, the same number as in the JSON.
        """
        return faces().arrow(self, view)

    def to_pandas(self, view: View = "bookings") -> pandas.DataFrame:
        """The same table for pandas, which must be installed: `pip install pandas`.

        Parameters
        ----------
        view
            As for `to_arrow`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return faces().pandas_frame(self, view)

    def to_polars(self, view: View = "bookings") -> polars.DataFrame:
        """The same table for polars, which must be installed: `pip install polars`.

        Parameters
        ----------
        view
            As for `to_arrow`.

        Raises
        ------
        ImportError
            If polars is not installed.
        """
        return faces().polars_frame(self, view)


class Tables(Shown):
    """A result with one table for programs."""

    __slots__ = ()

    def to_arrow(self) -> pyarrow.Table:
        """Its table for Arrow: one row per point."""
        return faces().arrow(self, None)

    def to_pandas(self) -> pandas.DataFrame:
        """The same table for pandas, which must be installed: `pip install pandas`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return faces().pandas_frame(self, None)

    def to_polars(self) -> polars.DataFrame:
        """The same table for polars, which must be installed: `pip install polars`.

        Raises
        ------
        ImportError
            If polars is not installed.
        """
        return faces().polars_frame(self, None)
