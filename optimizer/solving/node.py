"""A node of branch and bound."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.solving import highs
from optimizer.solving.reduced_problem import Box, Price


@dataclass(eq=False)
class Node:
    """A case while the tree grows; prices, until its own are known, are those of the case that it was split from.

    `came` is the side, column and part at which the case above was split, and its limit. Where it `narrows`, its prices
    leave less open on both of its sides.
    """

    box: Box
    limit: float
    prices: tuple[Price, ...]
    start: highs.Start | None = None
    came: tuple[int, int, float, float] | None = None
    column: int | None = None
    at: int = 0
    sides: tuple[Node, ...] = ()
    closed: bool = False
    impossible: bool = False
    narrows: bool = False
    led: bool = False
    most: tuple[tuple[Price, ...], float] | None = None  # prices, and what the case can be worth by them
