# Everything runs in .venv, which `make setup` creates from python3 (3.11 or newer) and the versions in constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv with all dependencies, if it does not exist.

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is required: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[tensorboard,plot,onnx,lsp,highlight,study,test,dev]'
	@$(BIN)/python -m compileall -q ssrdsl # as pip does for packages that are not editable, so that commands start faster
	@touch $@

demo: setup ## Search a space on generated streets and show the report (a few minutes).
	$(BIN)/python examples/demo/run.py

test: setup ## Run the tests.
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal $(ARGS)

lint: setup ## Check style and types.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict

format: setup ## Format the code and apply automatic fixes.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove the environment and the caches.
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
