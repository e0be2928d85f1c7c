"""The HTTP service: the verbs of the command line over HTTP, with a store, jobs and a planner's pages."""
