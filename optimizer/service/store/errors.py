"""What a store refuses."""

from __future__ import annotations


class RefusedError(Exception):
    """A request that the store does not carry out: why, and what to do instead."""

    def __init__(self, cause: str, mend: str = "") -> None:
        self.cause, self.mend = cause, mend
        super().__init__(cause)


class UnknownError(RefusedError):
    """There is nothing of this name."""


class ChangedError(RefusedError):
    """Somebody else changed it in the meantime."""


class NoConditionError(RefusedError):
    """A change that does not say which version it changes."""


class NotReadyError(RefusedError):
    """What it needs is not done yet."""


class FullError(RefusedError):
    """There is no room for it."""


class BusyError(RefusedError):
    """There is too much to do already."""


class AnotherRequestError(RefusedError):
    """The key of this request was used for another one."""
