# Two commands are enough: `make run` and `make test`. Both set up .venv first.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
SOURCES := monitor spiders models alerts tests

# The interpreter's own pip fills the environment; where it has none, the environment gets one.
HAS_PIP := $(shell $(PYTHON) -m pip --version >/dev/null 2>&1 && echo yes)
ifeq ($(HAS_PIP),yes)
MAKE_VENV := $(PYTHON) -m venv --without-pip $(VENV)
PIP := $(PYTHON) -m pip --python $(BIN)/python
else
MAKE_VENV := $(PYTHON) -m venv $(VENV)
PIP := $(BIN)/python -m pip
endif
PIP_INSTALL := $(PIP) install --quiet --disable-pip-version-check --no-compile

.PHONY: run install test lint kill-test bench clean

run: install
	$(BIN)/earshot up

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(MAKE_VENV)
	$(PIP_INSTALL) -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	$(PIP_INSTALL) -e '.[dev]'
	touch $@

test: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/mypy

kill-test: $(VENV)/.installed-dev
	$(BIN)/python -m tests.e2e.kill --kills 200

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
