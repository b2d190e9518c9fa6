# make demo: everything, with synthetic data, on this machine alone.  make test: everything tested.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := var/demo/config.toml

export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo install serve test check bench clean

demo: install $(DEMO)
	@CONFIG=$(DEMO) $(BIN)/python -m flask demo-data
	@CONFIG=$(DEMO) $(BIN)/python -m flask demo-staff
	@CONFIG=$(DEMO) $(BIN)/python -m flask serve

install: $(VENV)/.installed

serve: install
	@$(BIN)/python -m flask serve

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench.run $(BENCH)

clean:
	rm -rf var/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(DEMO): $(VENV)/.installed
	@mkdir -p var/demo
	@$(BIN)/python -m flask init-config --demo > $@.new && chmod 600 $@.new && mv $@.new $@

$(VENV)/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新的版本。"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m compileall -q $(VENV)/lib -x 'tests?/' > /dev/null 2>&1 || true
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
