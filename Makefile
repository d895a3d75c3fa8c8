# Tasks of the house. Everything is installed into .venv by the first one that needs it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
DEMO := .demo
TESTS ?= tests
EXAMPLES ?= 100000
CHECKED := $(wildcard graph access ingest queries ui tests benchmarks scripts sample docs README.md CHANGELOG.md Makefile)

.PHONY: help install demo test lint format docs golden screenshots bench nightly clean

help: ## list the tasks
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

install: ## make .venv what uv.lock says
	@scripts/bootstrap

demo: install ## load the sample estate, sum it up and serve the app over it (HEADLESS=1: no app; PORT=8502)
	@mkdir -p $(DEMO)
	@$(BIN)/shadowgraph demo --store sqlite:///$(DEMO)/estate.db $(if $(filter-out 0,$(HEADLESS)),--headless) $(if $(PORT),--port $(PORT))

test: lint ## lint, then every test
	$(BIN)/pytest $(TESTS)

lint: install ## style, types, layers, dependencies, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/codespell $(CHECKED)

format: install ## rewrite the sources in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install ## write the generated pages of docs/
	$(BIN)/shadowgraph schema --format markdown > docs/schema.md.new
	mv docs/schema.md.new docs/schema.md
	$(BIN)/python -m scripts.permissions
	$(BIN)/python -m scripts.techniques
	$(BIN)/python -m scripts.rules
	$(BIN)/python -m scripts.queries

golden: install ## write what the program says now into golden files and pages; review the difference
	$(BIN)/pytest tests/test_docs.py tests/test_ui --update-golden

screenshots: install ## take a picture of every page, and those of the README
	$(BIN)/python -m scripts.screenshots
	$(BIN)/python -m scripts.screenshots --readme

bench: install ## compare speed with peers
	$(BIN)/python -m benchmarks.questions --nodes 10000 100000 1000000
	$(BIN)/python -m benchmarks.decisions
	$(BIN)/python -m benchmarks.whole_account
	$(BIN)/python -m benchmarks.resolve_sizes
	$(BIN)/python -m benchmarks.resolve_sizes --target
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.collect
	$(BIN)/python -m benchmarks.use
	$(BIN)/python -m benchmarks.reporting
	$(BIN)/python -m benchmarks.shared

nightly: install ## what takes too long for every change, logged in tests/nightly.log (EXAMPLES=100000)
	PYTHONPATH=.:tests:tests/test_access $(BIN)/python tests/nightly.py oracle $(EXAMPLES)
	PYTHONPATH=.:tests:tests/test_access $(BIN)/python tests/nightly.py bent $(EXAMPLES)
	PYTHONPATH=.:tests $(BIN)/python tests/nightly.py sample
	PYTHONPATH=.:tests:tests/test_queries $(BIN)/python tests/nightly.py queries 10000
	SHADOWGRAPH_KILLS=20 $(BIN)/pytest tests/test_graph/test_neo4j_processes.py -k killed

clean: ## remove what the tasks made, except .venv
	rm -rf $(DEMO) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
