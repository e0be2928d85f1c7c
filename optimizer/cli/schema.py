"""The command `schema`: the format of scenario files, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from optimizer.cli import options


@click.command()
@options.OUT
def schema(out: Path | None) -> None:
    """Print the format of scenario files as JSON Schema, for editors.

    By it an editor completes keys, explains them, and marks what is wrong while you type. `creatormix new` writes it
    beside the scenario; its first line names it.

    \b
    Example:
      creatormix schema --out scenario.schema.json
    """
    from optimizer.cli.answering import Answer
    from optimizer.loading.json_schema import schema_text

    Answer("json", out, everything=True).write(schema_text())
