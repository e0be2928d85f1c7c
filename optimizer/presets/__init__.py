"""The presets: one data file for each export of a tool, with the headers that it writes and what its rates mean."""

from optimizer.presets.preset import Definition, Preset, PresetColumn
from optimizer.presets.read import PresetError, load, names

__all__ = ["Definition", "Preset", "PresetColumn", "PresetError", "load", "names"]
