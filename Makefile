# Everything Handover needs from a machine with Python 3.11+, pip, make and a network. `make help` lists it.
PY ?= python3
.DEFAULT_GOAL := help
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON := $(shell command -v $(PY) 2>/dev/null)
UV := .boot/bin/uv
RUN := .venv/bin/python
# Twice the cores of a small machine: bots and browsers mostly wait. tests/conftest.py puts the longest files first.
SUITE := -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder

.PHONY: help install demo quick test coverage check soak bench docs lock clean
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.boot/ok:
	@command -v $(PY) >/dev/null 2>&1 || { echo "Handover needs Python 3.11 or newer: '$(PY)' was not found. Install it, or run: make PY=/path/to/python3.11 ..."; exit 1; }
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Handover needs Python 3.11 or newer; '$(PY)' is $$($(PY) -V 2>&1). Run: make PY=/path/to/python3.11 ..."; exit 1; }
	@$(PY) -c 'import venv, ensurepip' 2>/dev/null || { echo "Handover needs Python's venv and pip (on Debian: apt-get install python3-venv python3-pip)."; exit 1; }
	@$(PY) -m venv .boot && .boot/bin/python -m pip install -q --disable-pip-version-check uv==0.13.8 || { echo "Could not install uv with pip: check the network and pip's index settings."; exit 1; }
	@touch $@

.venv/ok: .boot/ok requirements/dev.txt requirements/oracles.txt
	@$(UV) venv -q --allow-existing .venv
	@$(UV) pip sync -q --compile-bytecode --python .venv/bin/python --require-hashes requirements/dev.txt requirements/oracles.txt
	@touch $@

install: .venv/ok ## build .venv with every pinned dependency

demo: .venv/ok ## start the sandbox and the bot, print the page to open
	@$(RUN) -m sandbox.demo

quick: .venv/ok ## check, and the unit tests: within a minute, before every commit
	@$(MAKE) --no-print-directory check
	@$(RUN) -m pytest -q -n 2 --dist worksteal tests/unit

test: .venv/ok ## lint, types, import contracts, generated docs, and the whole suite
	@./.ci/apt
	@$(MAKE) --no-print-directory check
	@$(RUN) $(SUITE)

coverage: .venv/ok ## the whole suite again, slower, and which lines it did not run
	@./.ci/apt
	@$(RUN) $(SUITE) --cov --cov-report=term:skip-covered

check: .venv/ok ## lint, types, import contracts and generated docs (no tests)
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(RUN) -m bot docs --check

soak: .venv/ok ## two bots on one PostgreSQL, killed at random for SOAK_MINUTES (default 5)
	@SOAK_MINUTES=$${SOAK_MINUTES:-5} $(RUN) -m pytest -q -s tests/crash/test_two_bots_kill.py

bench: .venv/ok ## measure speed and memory, each figure beside its limit and its peer (JSON=file keeps them)
	@$(RUN) -m bench $(if $(JSON),--json $(JSON))

docs: .venv/ok ## write the generated reference pages again
	@$(RUN) -m bot docs

lock: .boot/ok ## pin the dependencies again (requirements/*.txt)
	@$(UV) pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/runtime.txt
	@$(UV) pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev pyproject.toml -o requirements/dev.txt
	@$(UV) pip compile -q --no-deps --generate-hashes --no-emit-index-url --no-annotate --no-header requirements/oracles.in -o requirements/oracles.txt

clean: ## remove what make built
	rm -rf .boot .venv .pytest_cache .mypy_cache .ruff_cache .coverage*
