"""The benchmark packs: one data file for each source and platform, with a source behind each figure."""

from optimizer.packs.read import PackError, load, names

__all__ = ["PackError", "load", "names"]
