# make demo     a fictional company's year, offline, in two minutes
# make test     everything that must hold before a change lands
# make check    the quick half of it: lint, format, types, layers
# make docs     rewrite the generated pages

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check pytest docs

# Finding or installing uv happens once, when a target needs it.
UV = $(eval UV := $(shell tools/uv.sh || echo false))$(UV)
RUN = $(UV) run --quiet --all-extras

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo:
	@$(RUN) observant demo

check:
	$(RUN) ruff check --no-cache
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports --no-cache
	$(RUN) python tools/docs.py --check

test: check pytest

# A worker for each core; a file's tests stay together, since they share what was made once for all of them.
pytest:
	$(RUN) pytest -n auto --dist loadfile --no-loadscope-reorder

docs:
	$(RUN) python tools/docs.py
