# The usual commands of whoever changes creatormix. CONTRIBUTING.md says when to use which.
PYTHON ?= $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)
TESTS ?=

.PHONY: help install quick test lint format types layers docs pages coverage bench build clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

install: ## a virtual environment in .venv with all that is needed to work here
	test -d .venv || python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --editable '.[test]'

quick: ## the tests of every day, a minute and a half
	$(PYTHON) -m pytest -m quick $(TESTS)

test: ## all tests; TESTS=tests/loading for some
	$(PYTHON) -m pytest $(TESTS)

lint: ## style
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

format: ## mend the style
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types: ## types
	$(PYTHON) -m mypy

layers: ## which part may import which
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command as run; run()'

docs: ## the reference of the Python package, in build/api
	$(PYTHON) -m sphinx --fail-on-warning --keep-going --quiet -b html docs/api build/api

pages: ## make anew what the pages in docs take from the program
	$(PYTHON) docs/generate.py

coverage: ## all tests with what they cover; fails below the floor in pyproject.toml
	$(PYTHON) -m pytest --cov --cov-report=term-missing:skip-covered $(TESTS)

bench: ## how long the usual commands take, up to a million creators
	$(PYTHON) performance/measure.py

build: ## the wheel and the source archive, in dist
	$(PYTHON) -m hatchling build

clean: ## what was made here, but for .venv
	rm -rf build dist .coverage .coverage.* .mypy_cache .ruff_cache .import_linter_cache .hypothesis
