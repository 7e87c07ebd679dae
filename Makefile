# Everything a newcomer needs is `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
TOOLS := .venv-tools
TOOLS_STAMP := $(TOOLS)/installed
LOCKED := --universal --generate-hashes --no-emit-index-url
CONSOLE := services/gateway/console
CONSOLE_SOURCES := $(shell find $(CONSOLE)/src $(CONSOLE)/public -type f) $(wildcard $(CONSOLE)/*.html $(CONSOLE)/*.ts $(CONSOLE)/*.json)
GUIDE := services/gateway/guide
DOCS := $(shell find docs -type f)
NPM := $(BIN)/python -m deploy.local.node npm --silent --prefix $(CONSOLE)

.DEFAULT_GOAL := help
.PHONY: help setup console console-test docs wheel run suite test test-fast lint types contracts mutants tools monitoring secrets lock bench containers clean

help: ## What can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## The virtual environment, exactly as locked

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

console: $(CONSOLE)/dist/built ## The web page, built into the package; brings node where there is none

$(CONSOLE)/node_modules/installed: $(CONSOLE)/package-lock.json $(CONSOLE)/.npmrc | $(STAMP)
	$(NPM) ci --ignore-scripts
	@touch $@

$(CONSOLE)/dist/built: $(CONSOLE)/node_modules/installed $(CONSOLE_SOURCES)
	$(NPM) run build
	@touch $@

console-test: $(CONSOLE)/node_modules/installed ## Types and unit tests of the web page
	$(NPM) run check
	$(NPM) run test

docs: $(GUIDE)/index.html ## The documentation's site, served by the gateway under /guide

$(GUIDE)/index.html: $(DOCS) | $(STAMP)
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going docs $(GUIDE)
	@touch $@

wheel: setup console docs ## The whole product as one file: pipx run --spec dist/*.whl sanitation demo
	$(BIN)/python -m hatchling build -t wheel -d dist

run: setup console docs ## The whole suite in one process with a synthetic city that moves (PORT=8000)
	$(BIN)/sanitation demo

suite: setup console ## The same as separate processes on PostgreSQL and RabbitMQ
	$(BIN)/python -m deploy.local.suite

test: setup tools lint types console console-test docs ## Everything CI checks; brings its own servers and Chromium
	$(BIN)/python -m deploy.local.packages
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not bench and not alone and not containers" --durations=25
	$(BIN)/python -m pytest -m alone --durations=25

test-fast: setup ## Tests that need no server and no ten seconds
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit tests/contracts -m "not slow"

lint: setup ## Style and house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## Static types
	$(BIN)/mypy

contracts: setup $(CONSOLE)/node_modules/installed ## Write what is made from the code anew: OpenAPI, events, AsyncAPI, the console's types, the services' pages
	$(BIN)/python tests/contracts/update.py
	$(NPM) run api

mutants: setup ## Small defects planted in the rules: which do the unit tests notice? (FILES=… for some)
	$(BIN)/python tests/mutants/run.py $(FILES)

tools: $(TOOLS_STAMP) ## The programs that check containers and manifests, in an environment of their own

$(TOOLS_STAMP): requirements-tools.lock
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

monitoring: setup ## Write Grafana's dashboards and the PrometheusRule of k8s anew
	$(BIN)/python -m deploy.grafana
	$(BIN)/python -m deploy.prometheus_rule

secrets: setup ## Random passwords and a key pair for compose, in deploy/secrets/; what is there stays
	$(BIN)/sanitation secrets deploy/secrets

lock: setup ## Resolve the four lock files anew (hashes, no host names)
	uv pip compile pyproject.toml --group dev $(LOCKED) -o requirements.lock
	uv pip compile pyproject.toml -c requirements.lock $(LOCKED) -o requirements-runtime.lock
	uv pip compile --group tools $(LOCKED) -o requirements-tools.lock
	uv pip compile --group node $(LOCKED) -o node.lock

bench: setup console ## Speed, as ratios to limits measured in the same run
	$(BIN)/python -m deploy.local.packages
	$(BIN)/python -m pytest tests/benchmarks -s -m bench

containers: setup ## Build the image and run compose's topology with podman: first point, a kill, an upgrade (root, Debian)
	$(BIN)/python -m pytest tests/containers -m containers -s

clean: ## Remove what was built; data/ stays
	rm -rf $(VENV) $(TOOLS) $(CONSOLE)/node_modules $(CONSOLE)/dist $(GUIDE) dist .pytest_cache .mypy_cache .ruff_cache *.egg-info
