# The commands of the project. Everything local lives under RWE_HOME.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
export RWE_HOME ?= .local
BIN := $(abspath $(RWE_HOME))/venv/bin
export LOCALBRICKS_HOME ?= $(abspath $(RWE_HOME))/localbricks
export LOCALBRICKS_CACHE ?= $(abspath $(RWE_HOME))/cache

.PHONY: help build env test lint lock clean

help: ## List the commands.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

build: env ## Landing files (RWE_LANDING, otherwise a demo) to tested, documented marts.
	@$(BIN)/rwe build

env: ## Make the Python environment from the lock file.
	@mkdir -p "$(RWE_HOME)"
	@$(PYTHON) tools/bootstrap.py "$(RWE_HOME)"

lint: env ## Check the style of Python.
	$(BIN)/ruff check src tests tools

test: lint ## Run the whole suite.
	$(BIN)/python -m pytest

lock: env ## Resolve requirements.in anew.
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 requirements.in -o requirements.lock

clean: ## Stop the local workspace and remove everything local.
	@if [ -x "$(BIN)/localbricks" ]; then "$(BIN)/localbricks" down; fi
	rm -rf "$(RWE_HOME)"
