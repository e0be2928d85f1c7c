"""The command `serve`: the planner's page and the HTTP API."""

from __future__ import annotations

import os
import sqlite3
import sys
from ipaddress import ip_address
from pathlib import Path

import click

_TOKEN = "CREATORMIX_TOKEN"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--port", type=click.IntRange(0, 65_535), default=8_000, show_default=True, help="0: any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="The address to listen at.")
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="A further name that browsers may call this machine by."
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help=f"A file whose only line clients must send; or put it in {_TOKEN}. Needed where others can reach the address.",
)
@click.option(
    "--store", type=click.Path(path_type=Path), help="The file to keep everything in  [default: one of your own]."
)
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Jobs that run at once.")
@click.option(
    "--seconds", type=click.FloatRange(1, 86_400), default=300, show_default=True, help="The longest time of a job."
)
@click.option(
    "--memory", type=click.IntRange(256), default=4_096, show_default=True, metavar="MB", help="Of each job's process."
)
def serve(
    folder: Path | None,
    port: int,
    host: str,
    names: tuple[str, ...],
    token_file: Path | None,
    store: Path | None,
    jobs: int,
    seconds: float,
    memory: int,
) -> None:
    """Serve the planner's page and the HTTP API on this machine.

    Scenarios of FOLDER can be opened there; copies of them are kept in the store,
    with all that is planned and saved.

    \b
    Examples:
      creatormix serve
      creatormix serve campaigns --port 8080
    """
    from optimizer.cli.output import tell

    try:
        from optimizer.service.serving import serve as listen
        from optimizer.service.settings import LOOPBACK, Settings, token_of
        from optimizer.service.store.database import NotAStoreError
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("optimizer"):
            raise
        raise click.UsageError("serve needs more packages: pip install 'creatormix[server]'") from None
    mine = _is_mine(host)
    try:
        token = _token(token_file)
        if token is not None:
            token = token_of(token)
    except ValueError as error:
        raise click.UsageError(f"{token_file or _TOKEN}: {error}") from None
    if token is None and (not mine or names):
        raise click.UsageError(
            f"others can reach {host}: say what they must send, with --token-file FILE or in {_TOKEN}"
        )
    shown = f"[{host}]" if ":" in host else host
    kept = store or _store()
    others = [shown.lower(), *(name.lower() for name in names)] if token else []
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{kept} cannot be kept: {(error.strerror or 'no access').lower()}") from None
    try:
        settings = Settings(
            kept,
            folder=folder,
            hosts=tuple(dict.fromkeys([*LOOPBACK, *others])),
            token=token,
            running=jobs,
            seconds=seconds,
            memory_mb=memory,
        )
        listen(settings, host, port, lambda address: tell(f"creatormix is at {address}  (Ctrl-C ends it)"))
    except NotAStoreError as error:
        raise click.UsageError(str(error)) from None
    except sqlite3.Error as error:
        raise click.UsageError(f"{kept} cannot be kept: {error}") from None
    except OSError as error:
        reason = (error.strerror or "no access").lower()
        raise click.UsageError(f"nobody can listen at {shown}:{port}: {reason}") from None
    sys.exit(0)


def _is_mine(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        raise click.UsageError(f'--host takes an address, such as 127.0.0.1 or 0.0.0.0, not "{host}"') from None


def _token(file: Path | None) -> str | None:
    if file is None:
        return os.environ.get(_TOKEN)
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it is no text").lower()
        raise click.UsageError(f"{file} cannot be read: {reason}") from None


def _store() -> Path:
    """The file of this user's own."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "creatormix" / "store.db"
