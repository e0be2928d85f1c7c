"""What every result can do: print itself, also in a notebook, and be written as JSON and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

View = Literal["bookings", "constraints", "totals"]


class Shown:
    """A result that prints itself. What renders it is loaded only when it is asked for."""

    __slots__ = ()

    def __str__(self) -> str:
        from optimizer.report.printed import printed

        return printed(self, width=100)

    def _repr_html_(self) -> str:
        """The same as tables, for a notebook: every text is escaped, and nothing is loaded from elsewhere."""
        from optimizer.report.as_html import to_html

        return to_html(self)

    def to_dict(self) -> dict[str, Any]:
        """The result as one object of plain values, which names its format: `creatormix/plan/1`."""
        from optimizer.report.as_json import to_dict

        return to_dict(self)  # type: ignore[arg-type]  # it is one of those that can be written

    def to_json(self) -> str:
        """The same as JSON text."""
        from optimizer.report.as_json import to_json

        return to_json(self)  # type: ignore[arg-type]


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
        from optimizer.report.from_json import from_json

        return from_json(document, cls)


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
        from optimizer.report.frames import arrow

        return arrow(self, view)  # type: ignore[arg-type]  # a Plan, which this module does not import

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
        from optimizer.report.frames import pandas_frame

        return pandas_frame(self, view)  # type: ignore[arg-type]

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
        from optimizer.report.frames import polars_frame

        return polars_frame(self, view)  # type: ignore[arg-type]
