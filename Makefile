# Kesu: everything a newcomer, a developer and CI type. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PYTHONPATH := $(CURDIR)
# What was compiled once starts seconds sooner, whatever the terminal says; .gitignore knows the files.
export PYTHONDONTWRITEBYTECODE :=

VENV ?= .venv
export VENV
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
ARGS ?=
# Test files run side by side, each process with servers of its own; `make test SIDE_BY_SIDE=` runs them one by one.
# One more than there are processors: tests wait for servers a good part of their time.
SIDE_BY_SIDE ?= -n $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1))) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help demo up test test-fast test-pythons test-domain test-domain-one test-domain-two check format bench bench-clocks faults servers venv venv-dev decisions

help: ## Say what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: venv ## See 300 complaints travel through all four services (DEMO_EXIT=1 ends it afterwards)
	@$(RUN) shared.cli.main demo $(ARGS)

up: venv ## Run broker, database and the four services here until Ctrl-C
	@$(RUN) shared.cli.main up $(ARGS)

test: venv-dev ## Run all tests, on real servers (finds or installs RabbitMQ; under 10 minutes)
	@$(RUN) pytest $(SIDE_BY_SIDE) $(ARGS)

test-fast: venv-dev ## Run the tests that need no server (a minute)
	@$(RUN) pytest $(SIDE_BY_SIDE) -m "not servers and not slow" $(ARGS)

test-pythons: venv-dev ## Run test-fast on every other Python of this machine that Kesu promises (3.11 to 3.13)
	@for python in $$(bin/pythons); do \
	    version=$$($$python -c 'import platform; print(platform.python_version())'); \
	    echo "Python $$version"; \
	    $(MAKE) test-fast PYTHON=$$python VENV=var/venv-$$version ARGS="-q $(ARGS)"; \
	done

test-domain: venv-dev ## Run the tests of deciders and domain (seconds)
	@$(MAKE) --no-print-directory -j2 -Otarget test-domain-one test-domain-two

# A half of it for each core; without -Otarget their lines would mix.
test-domain-one:
	@$(RUN) pytest -m domain -p no:logging tests/routing tests/surveys $(ARGS)
test-domain-two:
	@$(RUN) pytest -m domain -p no:logging tests/escalation tests/intake $(ARGS)

check: venv-dev ## Check format, style, spelling, import rules, types and dead code
	@step() { printf '%-16s' "$$1"; shift; "$$@" || { echo "make check: $$* failed" >&2; exit 1; }; }; \
	step format      $(BIN)/ruff format --check .; \
	step style       $(BIN)/ruff check .; \
	step spelling    $(BIN)/codespell && echo ok; \
	step imports     $(BIN)/lint-imports --no-cache; \
	step architecture $(RUN) pytest -q tests/architecture; \
	step dependencies $(BIN)/deptry .; \
	step 'dead code'  $(BIN)/vulture && echo ok; \
	step mypy        $(BIN)/mypy; \
	step pyright     $(BIN)/pyright

format: venv-dev ## Bring the code into the house's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

decisions: venv-dev ## Measure how many complaints the pure decider places per second on one core
	@$(RUN) benchmarks.decisions $(ARGS)

bench: venv-dev ## Measure complaints per second, latency and memory beside a hand-written yardstick
	@$(RUN) benchmarks $(ARGS)

bench-clocks: venv-dev ## Measure a million open clocks beside a scheduler with a job for each
	@$(RUN) benchmarks.clocks $(ARGS)

faults: venv-dev ## Kill, stop and cut everything under load, then audit that nothing was lost
	@$(RUN) tests.faults $(ARGS)

servers: venv-dev ## Keep one PostgreSQL and one RabbitMQ running for many test runs
	@$(RUN) shared.local

venv: ## Make .venv with what Kesu needs to run
	@bin/venv runtime

venv-dev: ## Make .venv with the tools of development too
	@bin/venv dev
