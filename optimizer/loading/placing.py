"""The place of a fault inside a value that is read as a whole: the entry of a list, not the bracket before it."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from optimizer.loading.fields import text
from optimizer.loading.source import Node

_OF_TEXTS = ("not-a-text", "blank", "text-too-long")


def faulty_entry(node: Node, kind: str) -> Node:
    """The first entry of a list of texts that is at fault; the value itself if it is no list, or none is."""
    for entry in node.value if isinstance(node.value, list) and kind in _OF_TEXTS else ():
        try:
            text(entry.plain())
        except PydanticCustomError:
            return entry
    return node
