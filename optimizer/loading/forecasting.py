"""The `forecast` of a scenario: its settings, and what is usual among the creators of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np

from optimizer.domain.exact import Flags, Ints
from optimizer.domain.figures import POSTS_MEASURED
from optimizer.domain.forecast import Common, Fitted, Forecast
from optimizer.domain.pool import Pool
from optimizer.domain.scenario import Assumption
from optimizer.expectations.expect import fitted
from optimizer.expectations.fitting import LARGEST
from optimizer.loading.schema import ScenarioFile

_BLOCK = 100_000


def forecast_of(said: ScenarioFile) -> Forecast:
    """The settings of the forecast."""
    mine, usual = said.forecast, Common()
    common = Common(
        **{
            name: getattr(usual, name) if value is None else float(value.value)
            for name, value in ((name, getattr(mine.common, name)) for name in Common.__slots__)
        }
    )
    return Forecast(mine.rates, mine.unmeasured, common, mine.draws, mine.seed)


class Usual:
    """What is usual in a file of creators, fitted once for each way of asking."""

    def __init__(self) -> None:
        self._asked: object = None
        self._found = Fitted()

    def of(
        self, read: object, pool: Pool, named: Flags, forecast: Forecast, assume: Mapping[str, Sequence[Assumption]]
    ) -> Fitted:
        """The fits of all named creators of the file (`read`), those included whom the scenario leaves out."""
        asked = (id(read), len(pool), forecast.rates, tuple(assume.get(POSTS_MEASURED, ())))
        if read is None or asked != self._asked:
            self._found = fitted(pool.take(population(pool, named)), forecast, assume)
            self._asked = asked
        return self._found


def population(pool: Pool, named: Flags) -> Ints:
    """The creators that a fit looks at: all, or of many those with the lowest hashes of their ids."""
    rows = np.flatnonzero(named)
    if len(rows) <= LARGEST:
        return rows
    hashes = np.concatenate(
        [
            np.fromiter(map(crc32, map(str.encode, pool.keys[at : at + _BLOCK])), dtype=np.int64)
            for at in range(0, len(pool), _BLOCK)
        ]
    )[rows]
    lowest: Ints = np.sort(rows[np.argsort(hashes, kind="stable")[:LARGEST]])
    return lowest
