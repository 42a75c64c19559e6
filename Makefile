# Daifuku. `make help` tells what there is; needs Python 3.11 or newer and make, nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export DJANGO_SETTINGS_MODULE ?= config.settings.local
# Eight processes start together: without bytecode each compiles the whole of Django and of us again.
unexport PYTHONDONTWRITEBYTECODE
PYTEST = DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python -m pytest
ARGS ?=

.PHONY: help run demo-reset stop test test-fast check format bench faults lock messages import-journey forecast-journey simulate

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(BIN)/.local ## Start the shop, the back office and everything behind them (PORT=8000)
	@exec $(BIN)/python -m config.dev.run --port $(PORT)

demo-reset: $(BIN)/.local ## Throw the data under var/ away and load the demo company afresh
	@exec $(BIN)/python -m config.dev.reset

stop: $(BIN)/.local ## Stop embedded servers that a killed `make run` left behind
	@exec $(BIN)/python -m config.dev.reset --only-stop

test: $(BIN)/.dev ## All tests on own embedded servers (ARGS="-k word" narrows)
	@$(PYTEST) -n $${TEST_PROCESSES:-2} --dist worksteal $(ARGS)

test-fast: $(BIN)/.dev ## The tests without races, journeys and faults
	@$(PYTEST) -n $${TEST_PROCESSES:-2} --dist worksteal -m "not races and not journeys and not faults" $(ARGS)

check: $(BIN)/.dev ## Format, lint, types, import contracts, migrations, translations, sizes, production settings
	@exec $(BIN)/python -m config.dev.check

format: $(BIN)/.dev ## Bring the sources into the house's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(BIN)/.dev ## Measure the hot paths against the floor; figures also in var/bench/latest.jsonl
	@exec $(BIN)/python -m benchmarks.run $(ARGS)

faults: $(BIN)/.dev ## Kill and cut things in mid-flight; a line per case
	@exec $(BIN)/python -m faults.run $(ARGS)

import-journey: $(BIN)/.dev ## Load the public retail data as a second company, in US dollars
	@exec $(BIN)/python -m benchmarks.journey $(ARGS)

forecast-journey: $(BIN)/.dev ## The public retail data's stores and baskets as stock; its best sellers forecast, beside the naive method
	@exec $(BIN)/python -m benchmarks.journey_forecast $(ARGS)

simulate: $(BIN)/.dev ## Live a year at 60 orders a day in a fresh database and prove it (ARGS="--days 30 --twice")
	@exec $(BIN)/python -m benchmarks.year $(ARGS)

messages: $(BIN)/.dev ## Collect and compile the Japanese texts
	@$(BIN)/python manage.py messages

lock: $(BIN)/.dev ## Write the hash-pinned lists of packages anew
	@$(PYTHON) config/dev/install.py requirements/tools.txt
	@for list in tools base local dev forecast; do \
	  $(BIN)/python -m uv pip compile requirements/$$list.in -q --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-emit-index-url -o requirements/$$list.txt || exit 1; echo "requirements/$$list.txt"; done

# --- the virtual environment -----------------------------------------------------------------------------------------
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Daifuku needs Python 3.11 or newer; PYTHON=... names another one."; exit 1; }
	@echo "Making .venv"; $(PYTHON) -m venv .venv || { echo "This Python cannot make virtual environments: install its venv package (python3-venv)."; exit 1; }

$(BIN)/.local: requirements/local.txt requirements/tools.txt | $(BIN)/python
	@$(PYTHON) config/dev/install.py requirements/local.txt && touch $@

$(BIN)/.dev: requirements/dev.txt requirements/tools.txt | $(BIN)/python
	@$(PYTHON) config/dev/install.py requirements/dev.txt && touch $@ $(BIN)/.local
