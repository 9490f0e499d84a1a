# Parley's commands. Needs Python 3.11 or newer (with venv) and npm; everything else is put into this folder.
#   make run     install, prepare and serve on http://127.0.0.1:8000 (PORT=9000 make run for another port)
#   make test    everything CI runs; installs the test servers through apt where it may
#   make check   the static part: style, types, import law, migrations, schema, translations
#   make format  put the code into the house style
#   make protocol messages   write the generated protocol page; collect strings for the translators
#   make bench   Parley beside a Go hub, Node, Socket.IO and stock Channels, on two cores (ONLY=burst, RESUME=1, SMALL=1)
#   make chaos   every scenario of tests/chaos, where servers, networks and databases fail (NAME=redis_away SEED=7)
#   make screenshots         the pictures in docs/screenshots/, of the demo workspace
.PHONY: help run test check chaos bench format protocol messages screenshots python modules packages translations assets
.NOTPARALLEL:

PORT ?= 8000
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

NEW_SECRET = $(BIN)/python -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(48))'
CATALOGUES := $(wildcard */locale/*/LC_MESSAGES/*.po)

help:
	@sed -n 's/^#   //p' Makefile

run: packages modules translations assets
	@# Demo people only ever come into a laptop's database that this command made; the mark outlives an interrupted start.
	@[ -e var/parley.sqlite3 ] || [ -n "$$DATABASE_URL" ] || grep -q '^DATABASE_URL=' .env || touch var/first-run
	@$(MANAGE) migrate --verbosity 0
	@if [ -e var/first-run ]; then $(MANAGE) demo --first-run && rm var/first-run; fi
	@$(BIN)/python -c 'import socket; s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(("127.0.0.1", $(PORT)))' 2>/dev/null \
		|| { echo "Port $(PORT) is taken. Another one: PORT=9000 make run" >&2; exit 1; }
	@echo "Parley is at http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)."
	@exec $(MANAGE) serve --host=127.0.0.1 --port=$(PORT)

test: python modules translations
	@$(BIN)/python -m tests.run

check: python modules translations
	@$(BIN)/python -m tests.check

format: python
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

protocol: python
	@$(MANAGE) protocol

messages: python
	@$(BIN)/python -m tests.check.translations --write

bench: python
	@cmp -s bench/requirements.txt .venv/bench-requirements.txt || { \
		echo "Installing what the bench needs..."; \
		$(BIN)/python -m pip install -qq --requirement bench/requirements.txt \
		&& cp bench/requirements.txt .venv/bench-requirements.txt; }
	@$(BIN)/python -m bench

chaos: python translations
	@$(BIN)/python -m tests.chaos $(or $(NAME),all) $(if $(SEED),--seed $(SEED))

screenshots: python modules translations
	@$(BIN)/python -m tests.browser.screenshots

# ---- what the commands stand on: each step is quick and silent when there is nothing to do ------------------------

.venv/bin/python:
	@for python in "$(PYTHON)" python3.11 python3 python3.13 python3.12; do \
		[ -n "$$python" ] && "$$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		python=; \
	done; \
	[ -n "$$python" ] || { echo "Parley needs Python 3.11 or newer with the venv module (Debian: python3-venv)." >&2; exit 1; }; \
	"$$python" -m venv .venv

packages: .venv/bin/python .env
	@[ -n "$$SECRET_KEY" ] || grep -q '^SECRET_KEY=.' .env || $(NEW_SECRET) >> .env
	@cmp -s requirements.txt .venv/requirements.txt || { \
		echo "Installing Python packages..."; \
		$(BIN)/python -m pip install -qq --requirement requirements.txt && cp requirements.txt .venv/requirements.txt; }

python: packages
	@cmp -s tests/requirements.txt .venv/tests-requirements.txt || { \
		echo "Installing what the tests need..."; \
		$(BIN)/python -m pip install -qq --requirement tests/requirements.txt \
		&& cp tests/requirements.txt .venv/tests-requirements.txt; }

modules:
	@cmp -s package-lock.json node_modules/.installed-lock.json || { \
		command -v npm >/dev/null || { echo "Parley needs npm (20 or newer) to install the browser modules." >&2; exit 1; }; \
		echo "Installing browser modules..."; \
		npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && cp package-lock.json node_modules/.installed-lock.json; }

translations: $(CATALOGUES:.po=.mo)
%.mo: %.po
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

assets: var/.assets
var/.assets: requirements.txt package-lock.json $(shell find static -type f) | var
	@echo "Collecting static files..."
	@$(MANAGE) collectstatic --noinput --clear --verbosity 0 && touch $@

var:
	@mkdir -p var

.env: .venv/bin/python
	@umask 077; { echo '# Written by make run. .env.example explains every setting.'; \
		$(NEW_SECRET); \
		echo 'DEBUG=off'; echo 'ALLOWED_HOSTS=localhost,127.0.0.1'; } > .env.new && mv .env.new .env
