# `make run` and `make test` are all a newcomer needs.
PORT ?= 8000
DATA ?= instance
PYTHON ?= python3
BIN := .venv/bin
export O2O_DATA_DIR := $(DATA)
export FLASK_APP := app.py
# Without compiled modules every start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint check bench words audit shots

.venv/.run: requirements.txt
	@sh tools/setup.sh "$(PYTHON)" requirements.txt
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	@sh tools/setup.sh "$(PYTHON)" requirements-dev.txt
	@touch $@

run: .venv/.run
	@O2O_BASE_URL=$${O2O_BASE_URL:-http://localhost:$(PORT)} $(BIN)/flask up --port $(PORT)

test: .venv/.dev
	@sh tools/system.sh
	$(BIN)/pytest -n auto $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint templates --quiet

check: lint test

bench: .venv/.dev
	$(BIN)/python -m bench

words: .venv/.dev
	$(BIN)/python tools/words.py

audit: .venv/.dev
	$(BIN)/python tools/audit.py

shots: .venv/.dev
	$(BIN)/python tools/screenshots.py
	$(BIN)/python tools/page_shots.py
	O2O_SHOTS=docs/shots/offline $(BIN)/pytest -q tests/browser/test_till.py
