"""What every command says, on stdout and beside it, so that nothing in it acts on the terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from optimizer.unseen import visible


def put(text: str) -> None:
    """To stdout, in UTF-8 whatever the terminal says."""
    with to_stdout():
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()


@contextmanager
def to_stdout() -> Iterator[None]:
    """Say in words that stdout takes no more, as where a disk is full; that a reader went away is no fault."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = io.StringIO()  # what is left of the answer would be tried once more at the end
        raise click.ClickException(f"the answer could not be written: {_reason(error)}") from None


def tell(text: str) -> None:
    """A message beside the answer, in which nothing acts on the terminal."""
    click.echo(visible(text), err=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say that a file was written, or why it could not be."""
    try:
        yield
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {_reason(error)}") from None
    tell(f"wrote {path}")


def _reason(error: OSError) -> str:
    return (error.strerror or "no access").lower()
