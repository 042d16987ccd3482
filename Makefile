# `make` lists what there is to do.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
RUN := $(VENV)/.run-installed
TEST := $(VENV)/.test-installed
BENCH := $(VENV)/.bench-installed
SNOWFLAKE := $(VENV)/.snowflake-installed
RAY := $(VENV)/.ray-installed
GPU := $(VENV)/.gpu-installed
APP := $(VENV)/.app-installed
LINEAGE := $(VENV)/.lineage-installed
# Containers often set it, and each of many processes would then compile all its imports anew.
export PYTHONDONTWRITEBYTECODE :=
# Packages whose own tests go after they came: 54 MB that nothing imports. Those of dbt are part of it.
UNTESTED := networkx numpy pandas pyarrow scipy sklearn
# Settings for one run, as YAML: make build VARS='{population: ever}'
VARS ?=
# More options: make bench-quality ARGS='--task cdnow-ever', make snowflake-up ARGS=--print
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup build check doctor summary report app docs lineage test test-all test-snowflake lint \
	bench-quality bench-ablation bench-controls bench-forecast bench-contacts bench-speed faults replay snowflake-install snowflake-up snowflake-down \
	snowflake-upload snowflake-app ray-install gpu-install format lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(RUN) ## Create the environment in .venv from the lock file

$(RUN): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || { echo "Creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the packages of requirements.lock"
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements.lock
	@find $(UNTESTED:%=$(VENV)/lib/python3*/site-packages/%) -type d -name tests -prune -exec rm -r {} +
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

$(TEST): requirements-test.lock $(RUN)
	@echo "Installing the packages of requirements-test.lock"
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements-test.lock
	@touch $@

$(BENCH): requirements-bench.lock $(RUN)
	@echo "Installing the packages of requirements-bench.lock (CatBoost alone has 270 MB)"
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements-bench.lock
	@touch $@

$(SNOWFLAKE): requirements-snowflake.lock $(RUN)
	@echo "Installing the packages of requirements-snowflake.lock"
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements-snowflake.lock
	@touch $@

$(RAY): requirements-ray.lock $(RUN)
	@echo "Installing the packages of requirements-ray.lock (Ray alone has 200 MB)"
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements-ray.lock
	@touch $@

$(APP): requirements-app.lock $(RUN)
	@echo "Installing the packages of requirements-app.lock"
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements-app.lock
	@touch $@

$(LINEAGE): requirements-lineage.lock $(RUN)
	@echo "Installing dbt-colibri beside the environment (94 MB)"
	@$(BIN)/python -m venv $(VENV)/lineage
	@$(VENV)/lineage/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
		--require-hashes -r requirements-lineage.lock
	@touch $@

# xgboost and xgboost-cpu are the same module: one goes before the other comes.
$(GPU): requirements-gpu.lock $(RUN)
	@echo "Installing XGBoost with CUDA in place of xgboost-cpu (600 MB)"
	@$(BIN)/python -m pip uninstall --quiet --disable-pip-version-check --yes xgboost-cpu
	@$(PIP_INSTALL) --no-compile --require-hashes -r requirements-gpu.lock
	@touch $@

build: $(RUN) ## Check the settings, run dbt build without unit tests, publish, say who is at risk
	@$(BIN)/attrition build $(if $(VARS),--vars '$(VARS)')

check: $(RUN) ## Check the settings and the raw files, touching no table
	@$(BIN)/attrition check $(if $(VARS),--vars '$(VARS)')

doctor: $(RUN) ## Say what is in order and what a build will be able to do
	@$(BIN)/attrition doctor $(if $(VARS),--vars '$(VARS)')

summary: $(RUN) ## Print the summary of the last build again
	@$(BIN)/attrition summary

report: $(RUN) ## Write what the last build found as one HTML page, target/report/report.html
	@$(BIN)/attrition report $(ARGS)

app: $(APP) ## Look at the last build in a browser (Streamlit), http://localhost:8501
	@$(BIN)/python -m app $(ARGS)

docs: $(RUN) ## Build the lineage and documentation site as one static file
	@$(BIN)/attrition docs

# Its page tells its makers who opens it, unless told not to.
lineage: docs $(LINEAGE) ## Trace every column through the SQL, as a page
	@DO_NOT_TRACK=1 $(VENV)/lineage/bin/colibri generate --light --disable-telemetry \
		--manifest target/manifest.json --catalog target/catalog.json --output-dir target/lineage \
		> target/lineage.log 2>&1 || { cat target/lineage.log; exit 1; }
	@echo "Open target/lineage/index.html in a browser."

test: $(TEST) ## Run the tests that protect the project
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

test-all: test ## Run `make test`, then the slower tests
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

test-snowflake: $(TEST) ## Run the checks of the Snowflake path; say which need an account
	@$(BIN)/python -m pytest tests/snowflake -n 2 --dist loadgroup --durations=5

profiles.yml:
	@cp profiles.yml.example $@

lint: $(TEST) profiles.yml ## Check Python, its imports, SQL in both dialects and YAML
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/yamllint --strict .
	@ATTRITION_BUILD=target/lint/build.duckdb DBT_TARGET_PATH=target/lint \
		$(BIN)/sqlfluff lint models analyses tests/singular --disable-progress-bar \
		--processes 2 2>/dev/null
	@$(BIN)/sqlfluff lint python_models/attrition/report/sql --templater raw --disable-progress-bar
	@$(BIN)/python tests/snowflake/lint_compiled.py

bench-quality: $(BENCH) ## Compare quality with peers on real records and on data with a known truth
	@$(BIN)/python -m benchmarks.quality $(ARGS)

bench-ablation: $(BENCH) ## Take one part of training away at a time, on all data sets (half an hour)
	@$(BIN)/python -m benchmarks.ablation $(ARGS)

bench-controls: $(RUN) ## Measure what each setting of training does to quality (an hour)
	@$(BIN)/python -m benchmarks.controls $(ARGS)

bench-forecast: $(BENCH) ## Hold forecasts of past snapshots against their truth and naive ones, on all data sets
	@$(BIN)/python -m benchmarks.forecast $(ARGS)

bench-contacts: $(RUN) ## Hold the contact list against the best possible one, where the truth is known
	@$(BIN)/python -m benchmarks.contacts $(ARGS)

bench-speed: $(BENCH) ## Measure speed, memory and growth beside peers; sizes by ARGS='--customers 10000 100000'
	@$(BIN)/python -m benchmarks.speed $(ARGS)

faults: $(RUN) ## Kill builds at 20 moments, start two at once, fill the disk (a quarter of an hour)
	@$(BIN)/python -m benchmarks.faults $(ARGS)

replay: $(RUN) ## Play twelve months of builds, promotions and a rollback
	@$(BIN)/python -m benchmarks.replay $(ARGS)

snowflake-install: $(SNOWFLAKE) ## Install what a build on Snowflake needs

ray-install: $(RAY) ## Install what `engine: ray` needs

gpu-install: $(GPU) ## Install XGBoost with CUDA, which `device: cuda` needs

snowflake-up: $(SNOWFLAKE) ## Create role, warehouses, database, schemas, stage and grants
	@$(BIN)/attrition snowflake up $(ARGS)

snowflake-down: $(SNOWFLAKE) ## Remove them, and show that nothing remains
	@$(BIN)/attrition snowflake down $(ARGS)

snowflake-upload: $(SNOWFLAKE) ## Put the library on the stage that the Python models import from
	@$(BIN)/attrition snowflake upload $(ARGS)

snowflake-app: $(RUN) ## Gather the dashboard for Streamlit in Snowflake, target/snowflake_app
	@$(BIN)/python -m app.gather
	@echo "Deploy it: snow streamlit deploy --replace --project target/snowflake_app (docs/app.md)"

format: $(TEST) ## Format Python
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## Resolve the lock files again (needs uv)
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 --extra snowflake -c requirements.lock pyproject.toml \
		-o requirements-snowflake.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 --extra ray -c requirements-snowflake.lock pyproject.toml \
		-o requirements-ray.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 --extra gpu --no-emit-package xgboost-cpu -c requirements.lock \
		pyproject.toml -o requirements-gpu.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 --extra test --extra snowflake --extra ray \
		-c requirements-snowflake.lock -c requirements-ray.lock pyproject.toml \
		-o requirements-test.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 --extra app -c requirements-test.lock pyproject.toml \
		-o requirements-app.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 --extra bench -c requirements.lock pyproject.toml \
		-o requirements-bench.lock
	uv pip compile --quiet --generate-hashes --no-emit-index-url --no-strip-extras --no-header \
		--python-version 3.11 --group lineage -o requirements-lineage.lock

clean: ## Remove everything that was built, but not the environment or your settings
	@rm -rf target logs warehouse
