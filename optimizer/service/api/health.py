"""Whether the service lives, is ready, and what it did."""

from __future__ import annotations

import sqlite3

from fastapi import APIRouter
from fastapi.responses import Response

from optimizer.service import metrics
from optimizer.service.api.answers import errors, refusal
from optimizer.service.problems import problem
from optimizer.service.service import Service


def routes(service: Service) -> APIRouter:
    """The routes of health and metrics."""
    router = APIRouter(tags=["health"])

    @router.get("/v1/health/live", responses=errors())
    def live() -> dict[str, str]:
        """Whether the process answers."""
        return {"status": "alive"}

    @router.get("/v1/health/ready", responses=errors(507))
    def ready() -> Response:
        """Whether the store can be written."""
        try:
            with service.database.transaction() as connection:
                connection.execute("SELECT 1")
        except sqlite3.Error:
            return refusal(problem(507, "the store cannot be written"))
        return Response('{"status":"ready"}', media_type="application/json")

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}, **errors()})
    def get_metrics() -> Response:
        """Counts and numbers in the text form of Prometheus."""
        numbers = service.jobs.numbers()
        gauges = {
            "jobs_running": numbers["running"],
            "jobs_waiting": numbers["waiting"],
            "workers_warm": numbers["warm"],
            "store_bytes": service.database.size(),
        }
        return Response(metrics.text(gauges), media_type=metrics.TYPE)

    return router
