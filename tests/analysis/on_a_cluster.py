"""Sweeps on a Dask cluster of two workers, in a process of its own: Dask leaves threads behind.

Prints what was found as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from signal import SIGKILL
from typing import Any

from distributed import Client, LocalCluster

from optimizer import sweep
from tests.analysis.sweeping import loaded

VARIED = {"budget": "300:3000:150"}


def unpacked() -> int:
    """How many scenarios were sent to a worker."""
    from optimizer.analysis import points

    return len(points.loads)


def once_per_worker(client: Client) -> dict[str, Any]:
    """A sweep, with how often each worker got a scenario."""
    with client.get_executor(pure=False) as executor:
        found = sweep(loaded(5, 60), VARIED, executor=executor, workers=2)
    return {"sweep": found.to_json(), "unpacked": sorted(client.run(unpacked).values())}


def with_one_killed(client: Client) -> dict[str, Any]:
    """A sweep of which one worker is killed half way."""
    killed: list[int] = []

    def progress(done: int, total: int) -> None:
        if done > 1 and not killed:
            killed.append(min(client.run(os.getpid).values()))
            os.kill(killed[0], SIGKILL)

    with client.get_executor(pure=False) as executor:
        found = sweep(loaded(7, 60), VARIED, executor=executor, workers=2, on_progress=progress)
    return {"sweep": found.to_json(), "killed": len(killed), "failed": len(found.failed)}


def by_command(address: str, arguments: list[str]) -> dict[str, Any]:
    """The command on this cluster."""
    command = [sys.executable, "-m", "optimizer.cli.main", *arguments, "--cluster", address]
    found = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return {"code": found.returncode, "out": found.stdout, "said": found.stderr}


def main() -> None:
    """Run all of it."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        found = {
            "command": by_command(cluster.scheduler_address, sys.argv[1:]),
            "once": once_per_worker(client),
            "killed": with_one_killed(client),
        }
    print(json.dumps(found), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
