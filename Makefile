# Everything a newcomer needs is `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
YARD := .venv-yard
YARD_STAMP := $(YARD)/installed
LOCKED := --universal --generate-hashes --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help setup run suite test test-fast lint types contracts yard monitoring secrets lock bench clean

help: ## What can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## The virtual environment, exactly as locked

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

run: setup ## The whole suite in one process with a synthetic city that moves (PORT=8000)
	$(BIN)/sanitation demo

suite: setup ## The same as separate processes on PostgreSQL and RabbitMQ
	$(BIN)/python -m deploy.local.suite

test: setup yard lint types ## Everything CI checks; brings its own PostgreSQL, RabbitMQ, Caddy and Prometheus
	$(BIN)/python -m deploy.local.packages
	$(BIN)/python -m pytest

test-fast: setup ## Tests that need no server
	$(BIN)/python -m pytest tests/unit tests/contracts -m "not slow"

lint: setup ## Style and house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## Static types
	$(BIN)/mypy

contracts: setup ## Write the OpenAPI, event and AsyncAPI snapshots anew
	$(BIN)/python tests/contracts/update.py

yard: $(YARD_STAMP) ## The programs that check containers and manifests, in an environment of their own

$(YARD_STAMP): requirements-yard.lock
	$(PYTHON) -m venv $(YARD)
	$(YARD)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-yard.lock
	@touch $@

monitoring: setup ## Write Grafana's dashboards and the PrometheusRule of k8s anew
	$(BIN)/python -m deploy.grafana
	$(BIN)/python -m deploy.prometheus_rule

secrets: setup ## Random passwords and a key pair for compose, in deploy/secrets/; what is there stays
	$(BIN)/python -m deploy.compose_secrets

lock: setup ## Resolve the three lock files anew (hashes, no host names)
	uv pip compile pyproject.toml --group dev $(LOCKED) -o requirements.lock
	uv pip compile pyproject.toml -c requirements.lock $(LOCKED) -o requirements-runtime.lock
	uv pip compile --group yard $(LOCKED) -o requirements-yard.lock

bench: setup ## Speed, as ratios to limits measured in the same run
	$(BIN)/python -m deploy.local.packages
	$(BIN)/python -m pytest tests/benchmarks -s -m bench

clean: ## Remove what was built; data/ stays
	rm -rf $(VENV) $(YARD) .pytest_cache .mypy_cache .ruff_cache *.egg-info
