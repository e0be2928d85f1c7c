"""A client for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from optimizer.service import jobs
from tests.service.serving import Client
from tests.service.serving import client as a_client


@pytest.fixture(scope="session", autouse=True)
def patient() -> Iterator[None]:
    """A busy machine is no fault: jobs are not ended for the time that they take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_GRACE", 3_600.0)
        yield


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with a_client(tmp_path) as found:
        yield found
