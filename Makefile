# The two commands are `make demo` and `make test`; `make help` lists the rest.
# A fresh machine needs git, make, python3 and a package index: uv is installed beside the project if it is missing.
SHELL := /bin/sh
VENV := .venv
TOOLS := .tools
PYTHON ?= python3
BIN := $(VENV)/bin
# Where the home directory cannot be written, uv keeps its cache here instead.
UV_CACHE := $(shell d="$${UV_CACHE_DIR:-$${XDG_CACHE_HOME:-$$HOME/.cache}/uv}"; mkdir -p "$$d" 2>/dev/null && [ -w "$$d" ] && echo "$$d" || echo "$(CURDIR)/$(TOOLS)/cache")
UV = UV_CACHE_DIR="$(UV_CACHE)" UV_LINK_MODE=$${UV_LINK_MODE:-hardlink} $$(command -v uv || echo $(CURDIR)/$(TOOLS)/bin/uv)
PYTEST_WORKERS ?= 2
EXTRAS = clip transformers track render test dev

.PHONY: help setup demo test check format lock docs bench clean
help:
	@echo "make demo   set up, then run the whole journey on built-in images: runs/demo/report.html"
	@echo "make test   set up, then run every test"
	@echo "make check  format, lint, types, import floors"
	@echo "make bench  the benchmarks of docs/benchmarks.md"
	@echo "make lock   resolve requirements.lock anew"
	@echo "make docs   run the code of README.md and docs/, check their links"

setup: $(VENV)/.synced

$(VENV)/.synced: requirements.lock pyproject.toml
	@command -v uv >/dev/null 2>&1 || [ -x $(TOOLS)/bin/uv ] || { echo "installing uv into $(TOOLS)/"; \
	  $(PYTHON) -m venv $(TOOLS) 2>/dev/null && $(TOOLS)/bin/python -m pip install --quiet --no-cache-dir "uv>=0.9" || \
	  { $(PYTHON) -m pip install --quiet --no-cache-dir --target $(TOOLS) "uv>=0.9"; }; }
	@[ -x $(BIN)/python ] || $(UV) venv --quiet --no-project --python $(PYTHON) $(VENV)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(UV) pip install --quiet --no-deps --editable .
	@touch $@

demo: setup
	$(BIN)/foveate demo

test: setup
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal tests

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:
	$(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  $(EXTRAS:%=--extra %) --no-header --quiet --output-file requirements.lock

docs: setup
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) tests/test_docs.py

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(TOOLS) .pytest_cache .mypy_cache .ruff_cache
