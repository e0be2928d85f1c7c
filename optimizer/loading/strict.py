"""Mappings of a scenario file: those that take their own keys only, and those that take any column beside them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A mapping that takes no key but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Open(BaseModel):
    """A mapping that takes any column beside its own keys."""

    model_config = ConfigDict(extra="allow", frozen=True, arbitrary_types_allowed=True)
