"""The planner's pages, drawn on the server: they show what the verbs answer, and work out no number themselves."""

from optimizer.service.pages.routing import routes

__all__ = ["routes"]
