"""Pools of invented creators, spread as real ones were measured to be; the same seed gives the same pool."""
