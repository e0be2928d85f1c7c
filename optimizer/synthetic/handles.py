"""Invented handles, all different: two words, how they are joined, and a number."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.synthetic.draws import Draws, Numbers

FIRST: Final = """
    amber autumn blue brave bright cedar clever copper coral crisp dusty early emerald fable fern fizzy
    gentle ginger glass golden happy hazel hidden honey hushed indigo ivory jolly kind lazy lemon little
    lucky lunar maple mellow merry minor misty mossy moon noble north olive paper pearl plum polar
    quiet rapid rosy rusty salty sandy silver snowy sunny tidy tiny velvet vivid wild winter woolly
""".split()
SECOND: Final = """
    acorn anchor attic badger basil beacon biscuit bridge button cactus candle canvas chapter clover comet compass
    cookie cricket donkey falcon feather fiddle fox garden gate harbor hedgehog island jigsaw kettle kite ladder
    lantern lemur marble meadow mitten noodle orchard otter page parcel pebble pencil pepper piano pillow pocket
    puddle quill ribbon river rocket saddle shelf sparrow spoon teapot thimble thistle tunnel violin walnut window
""".split()
_JOINS: Final = (("@", ""), ("@", "."), ("@", "_"), ("@the.", "."))
_NUMBERS: Final = 128  # none, and 1 to 127
SPACE_BITS: Final = 21  # 64 words x 64 words x 4 joins x 128 numbers: two million handles


def handles(draws: Draws, size: int) -> pa.Array:
    """As many handles, none of them twice: the rows are dealt out over all there are by a permutation."""
    spot = _shuffled(np.arange(size, dtype=np.uint64), draws)
    stems = pa.array([f"{start}{a}{join}{b}" for a in FIRST for b in SECOND for start, join in _JOINS])
    numbers = pa.array(["", *(str(number) for number in range(1, _NUMBERS))])
    stem, number = np.divmod(spot.astype(np.int64), _NUMBERS)
    return pc.binary_join_element_wise(stems.take(pa.array(stem)), numbers.take(pa.array(number)), "")


def _shuffled(rows: Numbers, draws: Draws) -> Numbers:
    """A permutation of the numbers of 21 bits: odd factors and shifted exclusive ors can all be undone."""
    mask = np.uint64(2**SPACE_BITS - 1)
    start, *factors = draws.keys(3)
    spot: Numbers = (rows ^ start) & mask
    for factor in factors:
        spot = (spot * (factor | np.uint64(1))) & mask
        spot ^= spot >> np.uint64(11)
    return spot
