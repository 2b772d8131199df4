# Two commands are enough: `make lab` to use it, `make test` to prove it. `make help` lists the others.

VENV   := .venv
PY     := $(VENV)/bin/python
JOBS   ?= 2
PYTEST := $(PY) -m pytest
TYPED  := $(wildcard pipeline_sim tests benchmarks)
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# As `pipeline-sim lab` does: no message of a kernel waits until the browser has acknowledged the one before.
PROMPT := --ServerApp.kernel_websocket_connection_class=pipeline_sim.cli.prompt.Prompt

# Dozens of tests start a process: compiled modules are kept, whatever the caller's environment says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help lab test unit notebooks browser lint bench clean tools-for-tests

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

lab: $(VENV)/.ready-all  ## set everything up and open JupyterLab at the first notebook
	@tools/setup.sh dot || true
	@$(VENV)/bin/jupyter-trust notebooks/*.ipynb >/dev/null
	$(PY) -m jupyterlab $(AS_ROOT) $(PROMPT) $(LAB_FLAGS) notebooks/00-start-here.ipynb

# The tests run even when the linters complain, so that one run tells everything; either one fails the target.
test: tools-for-tests  ## set everything up; linters, types, all tests
	@lint=0; $(MAKE) --no-print-directory lint || lint=1; \
	$(PYTEST) -n $(JOBS) --dist worksteal tests; tests=$$?; \
	[ $$lint = 0 ] || echo 'ruff or mypy has found something: see the beginning of this output.'; \
	exit $$(( tests ? tests : lint ))

unit: $(VENV)/.ready-test  ## the tests that need neither a browser nor a notebook's kernel
	$(PYTEST) -n $(JOBS) --dist worksteal tests --ignore=tests/browser --ignore=tests/test_notebooks.py

notebooks: $(VENV)/.ready-test  ## the course's notebooks, executed
	$(PYTEST) tests/test_notebooks.py

browser: tools-for-tests  ## the tests in a real browser
	$(PYTEST) -n $(JOBS) --dist worksteal tests/browser

lint: $(VENV)/.ready-test  ## ruff and mypy --strict
	@$(PY) -m ruff check .; ruff=$$?; $(PY) -m mypy --strict $(TYPED) && exit $$ruff

# A file of benchmarks/ that can be run by itself is a benchmark; the others are what benchmarks share.
bench: $(VENV)/.ready-test  ## the figures of benchmarks/
	@set -e; found=$$(grep -l '^if __name__' benchmarks/*.py 2>/dev/null || true); \
	[ -n "$$found" ] || { echo 'There is no benchmark in benchmarks/ yet.'; exit 1; }; \
	for script in $$found; do echo "== $$script"; $(PY) "$$script"; done

clean:  ## remove what the tools left behind; .venv stays
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find pipeline_sim tests tools $(wildcard benchmarks notebooks) \
	  \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

tools-for-tests: $(VENV)/.ready-test
	@tools/setup.sh dot must
	@tools/setup.sh chromium

# One stamp for each set of extras; a newer pyproject.toml installs again.
$(VENV)/.ready-%: pyproject.toml tools/setup.sh
	@tools/setup.sh venv $*
	@touch $@
