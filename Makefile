# Every target sets up what it needs: `make demo` and `make test` work on a machine with Python, git and make alone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DATA   ?= ../shared/data
OUT    ?= out
REPORTS ?= reports

.DEFAULT_GOAL := help
.PHONY: help demo test lint check serve eval reference bench bench-peers fuzz train conformance clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(READY): pyproject.toml requirements/dev.txt requirements/files.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --require-hashes -r requirements/files.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## start a server, store a picture with the official SDK, ask image/faces, print the JSON
	@$(BIN)/python -m demo

test: $(READY)  ## run the tests
	$(BIN)/python -m pytest

lint: $(READY)  ## ruff, mypy strict, import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## lint and test

serve: $(READY)  ## start the server on 127.0.0.1:9000
	$(BIN)/oss-faces serve

eval: $(READY)  ## run the serving pipeline over labelled pictures: make eval DATA=../shared/data
	$(BIN)/python -m evaluation --data $(DATA) --out $(REPORTS)

$(VENV)-reference/.ready: requirements/reference.txt
	$(PYTHON) -m venv $(VENV)-reference
	$(VENV)-reference/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/reference.txt
	@touch $@

# dlib lives in an environment of its own, and is asked about the very faces that ours found.
reference: $(READY) $(VENV)-reference/.ready  ## judge dlib itself beside our own recognition
	$(BIN)/python -m evaluation --data $(DATA) --reports identity --vectors $(OUT)/vectors --out $(OUT)
	$(BIN)/python -m evaluation.export_recognition --out $(OUT)/dlib.onnx
	$(VENV)-reference/bin/python evaluation/reference_dlib.py --data $(DATA)/lfw_images.parquet \
		--faces $(OUT)/vectors/lfw_images.npz --network $(OUT)/dlib.onnx --out $(OUT)/reference.npz
	$(BIN)/python -m evaluation --data $(DATA) --reports identity --vectors $(OUT)/vectors \
		--reference $(OUT)/reference.npz --out $(REPORTS)

bench: $(READY)  ## measure speed as ratios, side by side in one run: a quarter of an hour
	$(BIN)/python -m benchmarks --out $(REPORTS)
	$(BIN)/python docs/generate_performance.py

# Other programs beside ours, each in an environment of its own; Node and npm for one of them.
PEERS := opencv dlib mediapipe deepface
$(VENV)-peers/%/.ready: requirements/peers-%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

$(VENV)-peers/human/.ready: benchmarks/peers/human/package.json benchmarks/peers/human/package-lock.json
	mkdir -p $(@D) && cp $^ $(@D) && cd $(@D) && npm ci --silent --no-audit --no-fund
	@touch $@

bench-peers: $(READY) $(PEERS:%=$(VENV)-peers/%/.ready) $(VENV)-peers/human/.ready  ## measure other programs on the same pictures, in one run
	$(BIN)/python -m benchmarks.peers --data $(DATA) --environments $(VENV)-peers --out $(REPORTS)
	$(BIN)/python docs/generate_performance.py

# MINUTES=60 is the long run; `make test` holds a quarter of a minute of it.
MINUTES ?= 5
fuzz: $(READY)  ## try changed inputs on all parsers and decoders: make fuzz MINUTES=60; findings to out/fuzzing
	$(BIN)/python -m fuzzing --minutes $(MINUTES) --out $(OUT)/fuzzing

$(VENV)/.train: $(READY) requirements/train.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/train.txt
	@touch $@

train: $(VENV)/.train  ## train the attribute network: make train DATA=../shared/data OUT=out
	$(BIN)/python -m training --data $(DATA) --out $(OUT)

# CLIENTS=oss2,java runs some; NEEDED=--all-needed makes a missing toolchain a failure, as in CI.
CLIENTS ?= all
NEEDED ?=
conformance: $(READY)  ## run the official SDKs against a real server; results to reports/conformance.json
	$(BIN)/python -m pytest tests/conformance --clients $(CLIENTS) $(NEEDED) --report $(REPORTS)/conformance.json
	$(BIN)/python docs/generate_conformance.py


clean:  ## remove the environment and caches
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis out
