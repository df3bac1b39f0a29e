# `make review` and `make test` are all a newcomer needs; each installs what it uses, once.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
PINS := pyproject.toml constraints.txt
ARGS ?=

.PHONY: review test format lint types tests check bench screenshots snapshots clean

review: $(VENV)/installed
	@$(VENV)/bin/studykit review $(ARGS)

# Everything CI asks: format, lint, strict types, all tests, and the shipped library.
test: lint types tests check

lint: $(VENV)/ready
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

format: $(VENV)/ready
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

types: $(VENV)/ready
	$(VENV)/bin/mypy

tests: $(VENV)/ready
	$(VENV)/bin/python -m pytest -n 2 $(ARGS)

check: $(VENV)/ready
	$(VENV)/bin/studykit check decks --jobs 2

bench: $(VENV)/ready
	$(VENV)/bin/python tests/benchmarks/run.py $(ARGS)

screenshots: $(VENV)/ready
	$(VENV)/bin/python scripts/screenshots.py docs

# How the main screens look, written anew: see the difference, and build/snapshots/*.svg, before committing it.
snapshots: $(VENV)/ready
	STUDYKIT_SNAPSHOTS=write $(VENV)/bin/python -m pytest tests/tui/test_snapshots.py $(ARGS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(PINS) | $(VENV)/bin/python
	$(PIP) install --quiet --constraint constraints.txt pip
	$(PIP) install --quiet --constraint constraints.txt --editable '.[torch,pictures,serve]'
	@touch $@

$(VENV)/ready: $(VENV)/installed
	$(PIP) install --quiet --constraint constraints.txt --group dev
	@touch $@
