# Two commands matter: `make demo` shows the main job, `make test` runs everything.
# Both set up what they need in .venv; only Python 3.11 or newer is required.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -q
# One process per core; those that kill workers by the clock run alone.
SPREAD := -n auto
SERVE ?= 1
RECEIPTS ?= 300
DEMO ?=

export DJANGO_SETTINGS_MODULE := integration_hub.settings

.PHONY: demo test lint types checks crash bench requirements clean

demo: $(VENV)/ready
	@exec $(BIN)/python manage.py demo --until-parent --receipts $(RECEIPTS) $(if $(filter 0,$(SERVE)),--no-serve) $(DEMO)

test: export ENV_FILE := /dev/null
test: lint types checks
	$(PYTEST) $(SPREAD) -m "not slow and not crash and not browser"
	$(PYTEST) $(SPREAD) -m "slow or browser"
	$(PYTEST) -m crash
	@if [ -n "$$TEST_POSTGRES_URL" ]; then \
	  echo "The same on PostgreSQL:"; \
	  export DATABASE_URL=$$TEST_POSTGRES_URL; \
	  $(PYTEST) $(SPREAD) -m "not slow and not crash and not browser" tests/flows && \
	  $(PYTEST) $(SPREAD) -m "django_db and not slow and not crash and not browser" \
	    tests/core tests/mapping tests/connectors/test_*.py && \
	  $(PYTEST) tests/flows/test_main_job.py -k honoured; \
	else echo "SKIPPED: the tests on PostgreSQL (TEST_POSTGRES_URL is not set)"; fi

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy .

checks: $(VENV)/ready
	$(BIN)/python manage.py makemigrations --check --dry-run
	HTTPS=1 SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(64))") \
	FIELD_KEYS=$$($(PYTHON) -c "import secrets; print(secrets.token_urlsafe(32))") \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

crash: export ENV_FILE := /dev/null
crash: $(VENV)/ready
	CRASH=all $(PYTEST) -m crash

bench: $(VENV)/ready
	$(BIN)/python benchmarks/run.py

requirements:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate requirements.in -o requirements.txt

$(VENV)/ready: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache
