# make demo · make test · make test-long · make bench · make lint · make format · make assets · make browser · make lock
# Needs Python 3.11 or later, make and a package registry (or its mirror, as set up for pip and npm).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
LOCKS := requirements
PIP := $(BIN)/python -m pip --disable-pip-version-check
PIP_QUIET := --quiet --quiet
ASSETS := package.json package-lock.json .npmrc hatch_build.py src/ckbx/web/vendor_files.json src/ckbx/documents/font_files.json
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
CHECKED := src projections notifications tests hatch_build.py
ARGS ?=
PYTEST_ARGS ?=
WORKERS ?= 2
# Where there is memory to spare, the files of the short tests lie in it; the long runs use the disk.
IN_MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df -Pm /dev/shm | awk 'NR == 2 {print $$4}')" -ge 4096 ] && echo TMPDIR=/dev/shm)
# Tests start hundreds of processes of the program: compiled once, not anew in each of them.
COMPILED := PYTHONDONTWRITEBYTECODE=

.PHONY: help env env-test demo test test-long bench pytest lint format assets browser lock clean

help:
	@echo '控辍保学 ckbx'
	@echo '  make demo [ARGS="--students 3000 --port 8000"]   准备环境，生成示例县并打开网页'
	@echo '  make test        检查代码并运行测试（make test-long：耗时的测试）'
	@echo '  make bench [ARGS="--quick -o 文件"]   测量（SQLite 和自起的 PostgreSQL）'
	@echo '  make lint        只检查代码；make format：整理代码格式'
	@echo '  make lock        依 pyproject.toml、package.json 重新锁定依赖'

# ---- environment: each step leaves a stamp, so that it is done once

$(MADE)/venv:
	@test -n "$(PYTHON)" || { echo '需要 Python 3.11 或更高版本（命令 python3），或用 make PYTHON=路径 指明' >&2; exit 1; }
	@echo '建立 Python 环境 $(VENV) …'
	@$(PYTHON) -m venv $(VENV) || { echo '无法建立 Python 环境；Debian、Ubuntu 上请先安装 python3-venv' >&2; exit 1; }
	@mkdir -p $(MADE) && touch $@

$(MADE)/run: $(MADE)/venv $(LOCKS)/run.lock $(LOCKS)/build.lock
	@echo '安装运行所需的软件包 …'
	@$(PIP) install $(PIP_QUIET) --require-hashes -r $(LOCKS)/build.lock -r $(LOCKS)/run.lock
	@touch $@

$(MADE)/node: $(MADE)/venv $(LOCKS)/node.lock
	@command -v npm >/dev/null && command -v node >/dev/null || { echo '没有 Node.js，安装随包提供的版本 …'; \
		$(PIP) install $(PIP_QUIET) --require-hashes -r $(LOCKS)/node.lock; }
	@touch $@

$(MADE)/project: $(MADE)/run $(MADE)/node pyproject.toml $(ASSETS)
	@echo '安装 ckbx …'
	@$(PIP) install $(PIP_QUIET) --no-deps --no-build-isolation --editable .
	@touch $@

$(MADE)/test: $(MADE)/run $(LOCKS)/test.lock
	@echo '安装测试所需的软件包 …'
	@$(PIP) install $(PIP_QUIET) --require-hashes -r $(LOCKS)/test.lock
	@touch $@

env: $(MADE)/project
	@$(BIN)/python hatch_build.py >/dev/null

env-test: env $(MADE)/test

# ---- what people call

demo: env
	@exec $(BIN)/ckbx demo $(ARGS)

assets: $(MADE)/node
	@$(BIN)/python hatch_build.py

browser: env-test
	@$(BIN)/python -m tests.support.browser

lint: env-test
	@failed=0; \
	$(BIN)/mypy & types=$$!; \
	$(BIN)/ruff check --quiet $(CHECKED) || failed=1; \
	$(BIN)/ruff format --quiet --check $(CHECKED) || { echo '格式不符，请执行 make format' >&2; failed=1; }; \
	$(BIN)/lint-imports --no-logo || failed=1; \
	wait $$types || failed=1; \
	exit $$failed

format: env-test
	@$(BIN)/ruff check --quiet --fix-only $(CHECKED)
	@$(BIN)/ruff format $(CHECKED)

pytest: env-test browser
	@$(COMPILED) $(IN_MEMORY) $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

test: lint pytest

test-long: env-test browser
	@$(COMPILED) $(BIN)/python -m pytest -q -m long -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

bench: env-test
	@$(BIN)/python -m tests.support.bench $(ARGS)

# ---- locks: hashes, no host names

COMPILE := $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate
NPM_LOCK := npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --loglevel=error \
	--no-audit --no-fund
DROP_HOSTS := import json, sys; p = sys.argv[1]; d = json.load(open(p)); \
	[e.pop("funding", None) for e in d["packages"].values()]; \
	open(p, "w").write(json.dumps(d, indent=2, ensure_ascii=False) + "\n")

lock: $(MADE)/venv
	@$(PIP) install $(PIP_QUIET) --require-hashes -r $(LOCKS)/lock.lock
	@$(COMPILE) --extra test pyproject.toml -o $(LOCKS)/test.lock
	@$(COMPILE) -c $(LOCKS)/test.lock pyproject.toml -o $(LOCKS)/run.lock
	@printf 'hatchling\neditables\n' | $(COMPILE) -c $(LOCKS)/test.lock - -o $(LOCKS)/build.lock
	@$(BIN)/python -c 'from hatch_build import NODE_WHEEL; print(NODE_WHEEL)' | $(COMPILE) - -o $(LOCKS)/node.lock
	@echo uv | $(COMPILE) - -o $(LOCKS)/lock.lock
	@for at in . tests/support/browser_tools; do \
		(cd $$at && $(NPM_LOCK)); $(BIN)/python -c '$(DROP_HOSTS)' $$at/package-lock.json; done
	@echo '依赖已重新锁定'

clean:
	@rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache src/ckbx/web/static/vendor \
		src/ckbx/documents/fonts
