# One command sets up and runs the main job, one sets up and passes the tests.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

PROVINCE := --cells 300 --days 10 --seed 1

.PHONY: demo live test gate lock clean

demo: $(READY)
	rm -rf out/province
	$(BIN)/python -m examples.province out/province $(PROVINCE)
	$(BIN)/cellcause run out/province --out out/province-run
	$(BIN)/cellcause score out/province out/province-run
	$(BIN)/cellcause report out/province-run --day 2026-03-11 --out out/report.html --xlsx out/report.xlsx
	$(BIN)/cellcause investigate examples/dali 2010062801365464 --html out/work-order.html
	$(BIN)/cellcause investigate examples/dali 2010062801365464
	@echo
	@echo "To watch it live, on a map on which one can act:  make live"

live: $(READY)
	test -f out/province/truth/faults.csv || { rm -rf out/province && $(BIN)/python -m examples.province out/province $(PROVINCE); }
	@$(BIN)/python -m examples.live out/province out/live

test: $(READY) gate
	.ci/needs
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder

gate: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m dashboards.fonts
	touch $(READY)

lock:
	uv pip compile --quiet --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache
