# make app   start the app          make test   everything that CI runs
#
# Each sets itself up: it needs a Python (3.11 to 3.13), pip, make and git, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INPUTS := pyproject.toml constraints.txt
# The browser's half: node comes as a Python package and brings npm, which puts the two tools into node_modules.
NODE := $(BIN)/node
PRETTIER := $(NODE) node_modules/prettier/bin/prettier.cjs --log-level warn
TSC := $(NODE) node_modules/typescript/bin/tsc
SCRIPTS := app/arena/web app/page.js tests/web package.json tsconfig.json
# A worker imports JAX and Streamlit anew: beyond a few, that costs more than it wins.
WORKERS := -n auto --maxprocesses 4 --dist loadfile
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app test format docs constraints clean

help:
	@echo "make app          start the app on http://localhost:8501      (ARGS=\"--server.port 9000\")"
	@echo "make test         formatter, linter, type checker, all tests   (ARGS=\"-k cli\")"
	@echo "make format       format the code and mend what the linter can"
	@echo "make docs         write anew what follows from the code: the catalogue, the variables, the picture, the README's tables"
	@echo "make constraints  write constraints.txt anew from the latest versions"
	@echo "make clean        remove the environment and everything built"
	@echo "Another Python: make PYTHON=python3.12 ..."

app: $(VENV)/.app
	@$(BIN)/python -m streamlit run app/main.py $(ARGS)

test: $(VENV)/.dev node_modules/.installed
	@echo "== format";  $(BIN)/python -m ruff format --check --quiet --diff
	@echo "== lint";    $(BIN)/python -m ruff check --quiet
	@echo "== types";   $(BIN)/python -m mypy
	@echo "== script";  $(PRETTIER) --check $(SCRIPTS)
	@$(TSC) -p tsconfig.json && $(TSC) -p tests/web
	@$(NODE) --test --test-reporter=dot "tests/web/**/*.test.js"
	@echo "== tests";   $(BIN)/python -m pytest -q -m "not browser" $(WORKERS) $(ARGS)
	@echo "== browser"; $(BIN)/python -m tests.browser.chromium --install
	@$(BIN)/python -m pytest -q -m browser $(ARGS)

format: $(VENV)/.dev node_modules/.installed
	@$(BIN)/python -m ruff check --fix --quiet
	@$(BIN)/python -m ruff format
	@$(PRETTIER) --write $(SCRIPTS)

docs: $(VENV)/.dev
	@$(BIN)/python -m prodigy_core.catalogue
	@$(BIN)/python -m docs
	@$(BIN)/python -m app.figures.arena.types

# The stamps are older than pyproject.toml or constraints.txt exactly when something must be installed again.
$(VENV)/.app: $(BIN)/python $(INPUTS)
	@echo "Installing the app (once; again when $(INPUTS) change)"
	@$(PIP) install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(BIN)/python $(INPUTS)
	@echo "Installing the app and its tools (once; again when $(INPUTS) change)"
	@$(PIP) install --quiet -c constraints.txt -e '.[dev]'
	@touch $(VENV)/.app $@

node_modules/.installed: package.json .npmrc $(VENV)/.dev
	@echo "Installing the tools for JavaScript (once; again when package.json changes)"
	@$(BIN)/npm install --silent
	@touch $@

# Debian's python3 may come without ensurepip: then the pip that is there fills the environment.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "Prodigy Lab needs Python 3.11, 3.12 or 3.13; $(PYTHON) is: $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
	  rm -rf $(VENV); \
	  $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --quiet --python $@ install pip; } || { \
	  rm -rf $(VENV); \
	  $(PYTHON) -m pip install --quiet --target $(VENV).boot virtualenv && \
	  PYTHONPATH=$(VENV).boot $(PYTHON) -m virtualenv --quiet $(VENV); } || { \
	  rm -rf $(VENV) $(VENV).boot; echo "Cannot make a virtual environment: install python3-venv or virtualenv." >&2; exit 1; }
	@rm -rf $(VENV).boot
	@touch $@

constraints:
	@rm -rf build/fresh && $(PYTHON) -m venv build/fresh
	@build/fresh/bin/python -m pip install --quiet '.[dev]'
	@{ echo '# The versions the tests run with. Refreshed by `make constraints`, never by hand.'; \
	   build/fresh/bin/python -m pip freeze --exclude prodigy-lab; } > constraints.txt
	@rm -rf build/fresh

clean:
	rm -rf $(VENV) $(VENV).boot node_modules build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results *.egg-info
	find app benchmarks docs prodigy_core tests -name __pycache__ -type d -prune -exec rm -rf {} +
