# Each target makes its own .venv and installs everything it needs; nothing outside this folder is touched.
#   make demo    train on the built-in collection, then open demo/index.html
#   make test    the test suite
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test gallery bench lint format hooks clean

demo: $(READY)
	$(BIN)/bottega demo --to demo

# Two at a time, a module of tests together; make test ARGS="-n 0 tests/media -x" for one after the other.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

# make gallery PICTURES=folder: docs/gallery.md from photos/, paintings/ and cifar10/ in that folder
gallery: $(READY)
	$(BIN)/python examples/gallery.py $(PICTURES) $(ARGS)

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

hooks: $(READY)
	$(BIN)/pre-commit install

clean:
	rm -rf $(VENV)

# The stamp is written last, so an interrupted installation starts again from an empty folder.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Bottega needs Python 3.11 or newer; name yours with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)'; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo 'This Python cannot make an environment with pip; on Debian and Ubuntu install it with: apt-get install python3-venv'; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
