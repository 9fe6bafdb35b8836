# demo · test · check · bench: each prepares .venv as needed, and does that only once.
#
#   make demo PYTHON=python3.12                 another interpreter
#   make demo PIP_ARGS="--extra-index-url …"    more arguments for pip, e.g. an index with CPU builds of torch

PYTHON ?= python3
VENV ?= .venv
PIP_ARGS ?=
BIN := $(VENV)/bin

# Without an NVIDIA GPU the CUDA libraries are several GB of nothing.
CONSTRAINTS := $(if $(shell command -v nvidia-smi 2>/dev/null),,-c constraints-cpu.txt)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet $(CONSTRAINTS) $(PIP_ARGS)

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs clean

help:
	@echo "make demo    add examples/*.pdf to a library, ask three questions, draw the answers into demo-output/"
	@echo "make test    the tests that CI runs"
	@echo "make check   ruff, mypy, import-linter, docs"
	@echo "make bench   the measurements of docs/benchmarks.md"
	@echo "make docs    write docs/cli.md anew"

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# A stamp says which extras are installed; it is stale when the requirements are newer.
$(VENV)/.base: $(VENV)/bin/python pyproject.toml constraints-cpu.txt
	@echo "installing Octavo into $(VENV) (a few minutes the first time)"
	$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(PIP) -e ".[test]"
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/.test

demo: $(VENV)/.base
	PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo.sh

test: $(VENV)/.test
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p .typing && ln -sfn .. .typing/octavo
	$(BIN)/mypy --package octavo
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/check.py

bench: $(VENV)/.test
	PATH="$(CURDIR)/$(BIN):$$PATH" bash benchmarks/run.sh $(BENCH_ARGS)

docs: $(VENV)/.base
	$(BIN)/python docs/check.py --write

clean:
	rm -rf build dist demo-output .typing *.egg-info
