"""Take a table from memory: of pandas, polars or PyArrow, or plain lists; as if it were a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from itertools import chain
from typing import Any, Final

import numpy as np
import pyarrow as pa

from optimizer.errors import ScenarioError
from optimizer.pool_file import limits
from optimizer.pool_file.as_text import Texts, TooLarge, as_text, of_mixed
from optimizer.pool_file.limits import fault, refusal, shown
from optimizer.pool_file.table import Gathering, Table, Wanted

_AS_LISTS: Final = 'give a data frame, or each column as a list, all of one length: {"creator": ["@ana"], "fee": [100]}'


def table_from_frame(frame: object, file: str, wanted: Wanted, rows: int | None = None) -> Table:
    """Take a table from memory, as if it were a file.

    Parameters
    ----------
    frame
        A data frame of pandas or polars, a table or record batch of PyArrow, anything else that has a stream of
        Arrow's; a mapping of lists, or a list of mappings.
    file
        The name to show in faults.
    wanted, rows
        As for `read_table`.

    Returns
    -------
    Table
        Rows are numbered as if the header stood in row 1. None, NaN and NaT are blank cells; an index is passed over.

    Raises
    ------
    ScenarioError
        When it is not a table, is empty, or is beyond the limits.
    """
    names, columns, height = _opened(frame, file)
    limits.check_height(height, file, rows)
    gathering = Gathering(file, names, 1, wanted, height=rows)
    try:
        cells = [_cells(columns[at], gathering, at, height) for at in gathering.picked]
    except MemoryError:
        raise refusal("memory", file) from None
    gathering.refuse_zeros(cells, range(2, height + 2))
    gathering.add(np.arange(2, height + 2), cells)
    return gathering.table()


def _opened(frame: object, file: str) -> tuple[list[str], Sequence[Any], int]:
    """The names, the columns and the number of rows."""
    try:
        if frame is None:
            return [], [], 0
        names, columns, height = _columns(frame)
    except ImportError as error:
        package = (error.name or "pyarrow").partition(".")[0]
        cause = f"to read this {type(frame).__name__}, Python needs the package {package}, which is not installed"
        raise fault("pool-frame", cause, f"pip install {package}", file) from None
    except ScenarioError:
        raise
    except Exception:  # noqa: BLE001  whatever goes wrong in there, it is no table
        raise fault("pool-frame", "this is not a table of columns", _AS_LISTS, file) from None
    if not all(isinstance(name, str) for name in names):
        odd = next(name for name in names if not isinstance(name, str))
        cause = f"the name of a column is {str(odd)[:40]!r} of type {type(odd).__name__}, not text"
        raise fault("pool-frame", cause, "name each column by a text", file)
    return names, columns, height


def _columns(frame: Any) -> tuple[list[Any], Sequence[Any], int]:
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):  # of pandas: its own stream would take the index along
        return list(frame.columns), _Pandas(frame), len(frame)
    if hasattr(frame, "__arrow_c_stream__") or isinstance(frame, pa.RecordBatch):
        table = pa.table(frame) if not isinstance(frame, pa.RecordBatch) else pa.Table.from_batches([frame])
        return table.column_names, table.columns, table.num_rows
    if isinstance(frame, Mapping):
        columns = [_list(column) for column in frame.values()]
        height = len(columns[0]) if columns else 0
        if any(len(column) != height for column in columns):
            raise ValueError
        return list(frame), columns, height
    rows = _list(frame)
    if not all(isinstance(row, Mapping) for row in rows):
        raise TypeError
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    return names, [[row.get(name) for row in rows] for name in names], len(rows)


class _Pandas(Sequence[Any]):
    """The columns of a pandas frame, by position: two of them may have one name."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def __getitem__(self, at: Any) -> Any:
        return self.frame.iloc[:, at]

    def __len__(self) -> int:
        return int(self.frame.shape[1])


def _list(column: Any) -> Any:
    if isinstance(column, str | bytes | Mapping | Set) or not isinstance(column, Iterable):
        raise TypeError
    return column if isinstance(column, Sized) and hasattr(column, "__getitem__") else list(column)


def _cells(column: Any, gathering: Gathering, at: int, height: int) -> Texts:
    """One column as text."""
    file, name = gathering.file, gathering.header[at]
    try:
        texts = _as_texts(column)
    except TooLarge:
        raise refusal("large", file, name, 1, at + 1) from None
    except UnicodeError:  # half of a pair of surrogates
        cause = f'the column "{shown(name)}" holds characters that are none'
        raise fault("pool-frame", cause, "remove them", file, 1, at + 1) from None
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        texts = None
    if texts is None:
        raise refusal("kind", file, name, 1, at + 1)
    if len(texts.cells) != height:
        raise fault("pool-frame", "this is not a table of columns", _AS_LISTS, file)
    return texts


def _as_texts(column: Any) -> Texts | None:
    if isinstance(column, pa.ChunkedArray):
        arrow = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        return as_text(arrow)
    try:
        found = pa.array(column, from_pandas=True)
    except (pa.ArrowException, TypeError, OverflowError):
        found = None  # of several kinds: [100, 99.5, "x"]
    if found is None:
        return of_mixed(column)
    return as_text(found if isinstance(found, pa.Array) else pa.concat_arrays(found.chunks))
