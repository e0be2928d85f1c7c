"""A property-based tester drives every route by its own description; what comes is always described there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from optimizer.service.app import create_app
from tests.service.serving import Client, client

HEADERS = {"Host": "127.0.0.1"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LASTING = ("/sweep", "/explain", "/alternatives", "/compare")
PATHS = create_app(Path("nowhere.db")).openapi()["paths"]
ROUTES = [(path, method) for path, methods in PATHS.items() for method in methods if not path.endswith("/events")]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, dict[str, str]]]:
    with client(Path(tmp_path_factory.mktemp("api")), waiting=2, seconds=1.0) as found:
        scenario = found.made()
        yield found, {"scenario": scenario, "plan": found.saved(scenario)}


def test_every_route_is_described(client: Client) -> None:
    said = client.get("/v1/openapi.json").json()
    assert {path for path in said["paths"] if not path.startswith("/v1/")} == {"/metrics"}
    for path, methods in said["paths"].items():
        for method, one in methods.items():
            assert one["summary"], path
            assert one["description"], path
            for status in ("401", "403", "413", "421", "422"):
                assert "application/problem+json" in one["responses"][status]["content"], (path, method)
    assert "HTTPValidationError" not in said["components"]["schemas"]


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_no_request_makes_a_route_fail(path: str, method: str, asked: tuple[Client, dict[str, str]]) -> None:
    found, known = asked
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", found.app, headers=HEADERS)

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(schema[path][method.upper()].as_strategy())
    def holds(case: schemathesis.Case) -> None:
        if method != "delete":  # otherwise nearly all requests are for what is not there
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        case.call_and_validate(checks=CHECKS, headers=HEADERS)
        for one in list(found.service.jobs._running.values()) if path.endswith(LASTING) else ():
            found.service.jobs.register.unwanted(one.job.id)  # or the next ones wait for it

    holds()
