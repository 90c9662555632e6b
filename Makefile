# `make demo` and `make test` do all set-up themselves: they need Python 3.11 or 3.12 and git.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV ?= .venv
# The first Python on this machine that will do; another one: make demo PYTHON=/path/to/python3.12
PYTHON ?= $(shell for name in python3.12 python3.11 python3 python; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		>/dev/null 2>&1 && echo $$name && break; done)
BIN := $(VENV)/bin
RUN := $(BIN)/python

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Set-up: one virtual environment; each stamp stands for what has been installed into it ---

$(VENV)/.created:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or 3.12 (with venv) found: install one, or name it: make PYTHON=..."; exit 1; }
	@echo "Creating $(VENV) with $(PYTHON)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip --version >/dev/null 2>&1 || $(RUN) -m ensurepip >/dev/null
	@$(RUN) -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.host: $(VENV)/.created pyproject.toml
	@echo "Installing the plugin and what the demo needs"
	@$(RUN) -m pip install --quiet -e '.[host]'
	@touch $@

$(VENV)/.test $(VENV)/.servers $(VENV)/.browser $(VENV)/.quality $(VENV)/.docs $(VENV)/.bench: $(VENV)/.%: $(VENV)/.host
	@echo "Installing the tools for $*"
	@$(RUN) -m pip install --quiet --group $*
	@touch $@

.PHONY: install
install: $(VENV)/.quality $(VENV)/.servers ## Everything that development needs, into .venv

.PHONY: print-python
print-python:
	@echo $(PYTHON)

# --- The demo ---------------------------------------------------------------------------------

.PHONY: demo demo-scheduled demo-command demo-reset screenshots
demo: $(VENV)/.host ## The mini LMS with the plugin on 127.0.0.1:8000 (PORT=... for another port)
	@$(RUN) scripts/demo.py $(if $(PORT),--port $(PORT))

demo-scheduled: $(VENV)/.host ## Do the demo's scheduled work once: expiry, alerts, reminders
	@$(RUN) scripts/demo.py --scheduled

demo-command: $(VENV)/.host ## One of the demo's commands: make demo-command ARGS="token_payments_doctor --json"
	@$(RUN) scripts/demo.py --command $(ARGS)

demo-reset: ## Throw the demo's database, mails and logs away
	rm -rf var

screenshots: $(VENV)/.browser ## Make the pictures in docs/images anew, in real Chromium
	$(RUN) scripts/screenshots.py

# --- Tests ------------------------------------------------------------------------------------

# `make test` lives a few fixed lives of two years; this lives 2,000 others, in about an hour.
.PHONY: test-life
test-life: $(VENV)/.test ## Two simulated years of random life, again and again
	$(RUN) -m pytest --hypothesis-profile=life --numprocesses 0 tests/life $(ARGS)

.PHONY: test test-servers test-postgresql test-mysql test-broker test-cluster test-fuzz test-browser test-tutor test-verawood tox
# One process a core; the races of one server stay in one of them.
PYTEST := $(RUN) -m pytest --numprocesses auto --dist loadgroup

test: $(VENV)/.test ## The whole suite on SQLite; says what it leaves out
	@$(PYTEST) $(ARGS)

# What leans on the database, and may differ from one to the other: the domain, what runs beside it,
# the migrations and the races. Texts, pages and mails are the same on each.
ON_SERVERS := $(addprefix tests/,assignments bulk catalogue checkout db doctor imports invoicing \
	migrations orders outbox privacy reminders servers states wallets webhooks)

test-servers: test-postgresql test-mysql ## On PostgreSQL and on MariaDB: what leans on the database, with the races

test-postgresql: $(VENV)/.test $(VENV)/.servers ## ... on PostgreSQL only (TESTS=tests: the whole suite)
	MINI_LMS_DATABASE=postgresql $(PYTEST) --servers $(or $(TESTS),$(ON_SERVERS)) $(ARGS)

test-mysql: $(VENV)/.test $(VENV)/.servers ## ... on MariaDB or MySQL only (TESTS=tests: the whole suite)
	MINI_LMS_DATABASE=mysql $(PYTEST) --servers $(or $(TESTS),$(ON_SERVERS)) $(ARGS)

test-broker: $(VENV)/.test $(VENV)/.servers ## Celery on RabbitMQ, with workers killed half way; events on Redis
	MINI_LMS_DATABASE=postgresql $(RUN) -m pytest --broker tests/broker $(ARGS)

test-cluster: $(VENV)/.test $(VENV)/.servers ## A Galera cluster, all of whose nodes take writes (as root)
	$(RUN) -m tests.cluster.galera $(RUN) -m pytest --cluster tests/cluster $(ARGS)

test-fuzz: $(VENV)/.test ## 20,000 requests that make no sense, to every page and endpoint
	TOKEN_PAYMENTS_FUZZ=20000 $(PYTEST) tests/security/test_fuzz.py $(ARGS)

test-browser: $(VENV)/.test $(VENV)/.browser ## The stories in real Chromium, desktop and phone
	$(RUN) -m pytest --browser -m browser $(ARGS)

# Tutor pins versions of its own, so each release has an environment of its own.
TUTORS := 21 22

$(TUTORS:%=$(VENV)/tutor-%/.created): $(VENV)/tutor-%/.created: $(VENV)/.created
	@echo "Installing Tutor $*"
	@$(RUN) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet 'tutor==$*.*' 'tutor-mfe==$*.*'
	@touch $@

tutor/node_modules/.package-lock.json: tutor/package-lock.json
	@echo "Installing the tools for the MFE's button"
	@npm ci --prefix tutor --no-progress --loglevel=error
	@touch $@

test-tutor: $(VENV)/.quality $(VENV)/.browser $(TUTORS:%=$(VENV)/tutor-%/.created) tutor/node_modules/.package-lock.json ## The Tutor plugin with real Tutors, its button with a real React
	@npm test --prefix tutor
	@npm run lint --prefix tutor
	cd tutor && ../$(BIN)/mypy --python-executable ../$(VENV)/tutor-$(lastword $(TUTORS))/bin/python
	@rm -rf $(VENV)/tutor-plugin
	@$(RUN) -m pip wheel --quiet --no-deps --wheel-dir $(VENV)/tutor-plugin ./tutor
	@for release in $(TUTORS); do $(VENV)/tutor-$$release/bin/python -m pip install --quiet \
		--force-reinstall --no-deps $(VENV)/tutor-plugin/*.whl; done
	$(RUN) -m pytest --tutor tests/tutor $(ARGS)

# A Python of that version, in PATH or of pyenv; nothing if there is none.
find_python = $(shell for python in python$(1) "$$(pyenv prefix $(1) 2>/dev/null)/bin/python"; do \
	$$python -c 'import sys, venv, ensurepip; print(sys.executable)' 2>/dev/null && break; done)
VERAWOOD_PYTHON ?= $(call find_python,3.12)

.PHONY: print-verawood-python
print-verawood-python:
	@echo $(VERAWOOD_PYTHON)

$(VENV)/verawood/.servers: requirements/verawood.txt pyproject.toml
	@test -n "$(VERAWOOD_PYTHON)" || { echo "Verawood's versions need Python 3.12, and there is none here: \
	install it, or name it: make $(MAKECMDGOALS) VERAWOOD_PYTHON=..."; exit 1; }
	@echo "Installing Verawood's exact versions for $(VERAWOOD_PYTHON)"
	@$(VERAWOOD_PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	@PIP_CONSTRAINT=requirements/verawood.txt $(@D)/bin/python -m pip install --quiet -e '.[host]' \
		--group test --group servers
	@touch $@

# Verawood's packages lack what a few tests are about: these skip themselves, in CI too.
test-verawood: $(VENV)/verawood/.servers ## The whole suite on MariaDB, with the races, with Verawood's Python and exact versions
	TOKEN_PAYMENTS_CI= MINI_LMS_DATABASE=mysql $(VENV)/verawood/bin/python -m pytest \
		--numprocesses auto --dist loadgroup --servers $(ARGS)

tox: $(VENV)/.quality ## Every supported Python, and the exact versions of the newest Open edX release
	$(RUN) -m pip install --quiet tox
	@test -n "$(call find_python,3.11)" || echo "There is no Python 3.11 here: its environments are left out"
	@test -n "$(call find_python,3.12)" || echo "There is no Python 3.12 here: its environments are left out"
	$(RUN) -m tox --skip-missing-interpreters true --discover $(call find_python,3.11) $(call find_python,3.12)

# --- Speed ------------------------------------------------------------------------------------

.PHONY: bench
bench: $(VENV)/.bench ## Rates and ratios on every database that answers (ARGS=--quick: 2 minutes each)
	@$(RUN) -m benchmarks $(ARGS)

# --- Quality ----------------------------------------------------------------------------------

.PHONY: quality lint types layers migrations pii docs surface wheel house format hooks
quality: lint types layers migrations pii docs surface wheel house ## All of the checks below

SCHEMA := $(BIN)/check-jsonschema --quiet --builtin-schema vendor

lint: $(VENV)/.quality ## ruff: rules and format; how settings are described; what GitHub is told
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/code_annotations static_find_annotations --config_file .setting_annotations.yml --lint --no_report
	$(SCHEMA).github-workflows .github/workflows/*.yml
	$(SCHEMA).github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/feature.yml
	$(SCHEMA).dependabot .github/dependabot.yml
	$(SCHEMA).readthedocs .readthedocs.yaml

types: $(VENV)/.quality ## mypy, strict
	$(BIN)/mypy

layers: $(VENV)/.quality ## import-linter: arrows go one way
	$(BIN)/lint-imports

# In CI, with both servers; elsewhere with those that answer and have their driver.
migrations: $(VENV)/.quality $(if $(TOKEN_PAYMENTS_CI),$(VENV)/.servers) ## No model without its migration; the SQL of each, linted
	DJANGO_SETTINGS_MODULE=lms.envs.test $(RUN) mini_lms/manage.py makemigrations --check --dry-run
	$(RUN) scripts/lint_migrations.py

pii: $(VENV)/.quality ## Every model says what it holds of persons, in the words of Open edX
	DJANGO_SETTINGS_MODULE=lms.envs.test PYTHONPATH=mini_lms $(BIN)/code_annotations \
		django_find_annotations --config_file .pii_annotations.yml --app_name token_payments --lint --coverage

docs: $(VENV)/.docs $(VENV)/.host ## The documentation, strictly, into site/
	$(RUN) scripts/write_docs.py --check
	$(RUN) scripts/write_openapi.py --check
	$(RUN) -m sphinx -W --keep-going -q docs site

surface: $(VENV)/.quality ## What changed in token_payments.api since the last release, and what breaks callers
	$(RUN) scripts/api_surface.py

wheel: $(VENV)/.quality ## Build, check, install in an empty environment, serve the demo from it
	$(RUN) scripts/check_wheel.py $(WHEEL_ARGS)

# The tag stays on this machine, and the files in dist/: pushing and uploading them is up to you.
.PHONY: release
release: $(VENV)/.quality ## Check everything, build into dist/, and tag this commit (docs/releasing.md)
	$(RUN) scripts/release.py --check
	@$(MAKE) --no-print-directory quality WHEEL_ARGS="--keep dist"
	$(RUN) scripts/release.py --tag

house: $(VENV)/.quality ## How many rooms the house has, and how far a payment walks; fails past a limit
	$(RUN) scripts/house.py --check

format: $(VENV)/.quality ## Let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

hooks: $(VENV)/.quality ## Let git ask ruff before each commit, and mypy before each push
	@$(RUN) -m pip install --quiet 'pre-commit>=4'
	$(BIN)/pre-commit install

# --- Languages --------------------------------------------------------------------------------

.PHONY: translations
translations: $(VENV)/.host ## Bring the catalogues up to date with the texts, and compile them (needs GNU gettext)
	cd token_payments && $(abspath $(RUN)) -m django makemessages --all --no-location --no-obsolete \
		--extension html,txt,py --ignore 'migrations/*'
	cd token_payments && $(abspath $(RUN)) -m django compilemessages --verbosity 0
