# The commands of the project. Everything local lives under RWE_HOME.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
export RWE_HOME ?= .local
BIN := $(abspath $(RWE_HOME))/venv/bin
export LOCALBRICKS_HOME ?= $(abspath $(RWE_HOME))/localbricks
export LOCALBRICKS_CACHE ?= $(abspath $(RWE_HOME))/cache
LINT_HOME := $(abspath $(RWE_HOME))/lint
# Without Python's remark on semaphores, which says nothing of the SQL.
SQLFLUFF := PYTHONWARNINGS=ignore:resource_tracker $(BIN)/python tools/fluff.py lint --disable-progress-bar --processes 0

.PHONY: help build env prepare test suite conformance faults fuzz lint lint-dbt hooks lock clean

help: ## List the commands.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

build: env ## Landing files (RWE_LANDING, otherwise a demo) to tested, documented marts.
	@$(BIN)/rwe build

env: ## Make the Python environment from the lock file.
	@mkdir -p "$(RWE_HOME)"
	@$(PYTHON) tools/bootstrap.py "$(RWE_HOME)"

prepare: env ## Let engines start in half the time, once for an environment (40 seconds).
	@$(BIN)/localbricks prepare

lint: env ## Run every check that needs no server: style, types, contracts, the rules of dbt-bouncer.yml.
	@$(BIN)/python tools/hygiene.py
	$(BIN)/ruff check --quiet src tests tools benchmarks
	$(BIN)/ruff format --check --quiet src tests tools benchmarks
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	$(BIN)/rwe feeds check
	$(BIN)/dbt --quiet --warn-error --no-partial-parse parse --profiles-dir profiles --target local \
		--target-path "$(LINT_HOME)/target" --log-path "$(LINT_HOME)/logs"
	@# dbt-bouncer reads $$DBT_PROJECT_DIR/target/manifest.json
	DBT_PROJECT_DIR="$(LINT_HOME)" $(BIN)/dbt-bouncer run --show-all-failures
	$(SQLFLUFF) models macros tests

lint-dbt: env ## Check the style of the SQL that dbt compiles, on the local workspace.
	@$(BIN)/rwe up
	@# dbt knows generic tests as macros and compiles none of them
	source "$(RWE_HOME)/env" && \
		$(SQLFLUFF) --templater dbt models $(filter-out tests/conformance/ tests/generic/ tests/python/,$(wildcard tests/*/))

hooks: env ## Check every commit: the quick part of lint, on what the commit changes.
	$(BIN)/pre-commit install

test: env ## Run the whole suite: lint, and beside it the tests in two processes, which start many engines.
	@$(MAKE) --no-print-directory --jobs 2 lint suite

suite: prepare
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

faults: env ## Kill localbricks under load at 30 moments of a new seed, fill its disk, its heap (about 20 minutes).
	FAULT_KILLS=$${FAULT_KILLS:-30} FAULT_SEED=$${FAULT_SEED:-$$RANDOM} \
		$(BIN)/python -m pytest -s --timeout 7200 tests/python/localbricks/faults

fuzz: env ## Send localbricks 10,000 malformed messages of a new seed (a minute or two).
	FUZZ_MESSAGES=$${FUZZ_MESSAGES:-10000} FUZZ_SEED=$${FUZZ_SEED:-$$RANDOM} \
		$(BIN)/python -m pytest -s --timeout 7200 tests/python/localbricks/fuzz

conformance: env ## Run dbt's published adapter tests on a server of their own; writes docs/conformance.md.
	$(BIN)/python -m pytest tests/conformance --table docs/conformance.md -q -W ignore

lock: env ## Resolve requirements.in anew.
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 requirements.in -o requirements.lock

clean: ## Stop the local workspace and remove everything local.
	@if [ -x "$(BIN)/localbricks" ]; then "$(BIN)/localbricks" down; fi
	rm -rf "$(RWE_HOME)"
