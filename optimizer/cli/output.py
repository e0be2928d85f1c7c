"""Output of all commands, on stdout and stderr, without control characters."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from optimizer.unseen import visible


def put(text: str) -> None:
    """Write to stdout in UTF-8, whatever the locale."""
    with to_stdout():
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()


@contextmanager
def to_stdout() -> Iterator[None]:
    """Report that stdout cannot be written, as on a full disk; a closed pipe is not a fault."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = io.StringIO()  # the rest of the answer would be written again at exit
        raise click.ClickException(f"the answer could not be written: {_reason(error)}") from None


def tell(text: str) -> None:
    """Write a message to stderr, without control characters."""
    click.echo(visible(text), err=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Report that a file was written, or why not."""
    try:
        yield
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {_reason(error)}") from None
    tell(f"wrote {path}")


def _reason(error: OSError) -> str:
    return (error.strerror or "no access").lower()
