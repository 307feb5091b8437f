# Each target does its own set-up: on a fresh machine with Python 3.11 and make, `make demo` is enough.
PYTHON ?= python3.11
VENV ?= .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
DEMO = runs/demo
OUT ?= $(DEMO)

# Every process of the tests would compile the library anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-fast test-slow test-old-tensorflow drills lint audit shape docs clean

demo: $(READY)
	$(BIN)/zoo demo --out $(OUT)

test: $(READY)
	$(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist loadfile --durations=10

# The inner loop, under a minute: what fits nothing, starts no process and reads no real images.
test-fast: $(READY)
	$(BIN)/python -m pytest -m "not slow and not fits and not needs_shared" --numprocesses 2 --dist loadfile --durations=10

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

# Contest servers are old: the submission is tried under TensorFlow 2.17 as well.
test-old-tensorflow: $(READY) $(VENV)-tf217/.ready
	ZOO_OLD_PYTHON=$(VENV)-tf217/bin/python $(BIN)/python -m pytest tests/zoo/export/test_submission.py -m ""

# A thousand damaged files, a hundred kills, a machine that lacks everything: what was lost. It takes an hour or so.
drills: $(READY)
	$(BIN)/python -m drills

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Known faults of the pinned packages; it needs PyPI's advisory service, which mirrors mostly lack.
audit:
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet pip-audit
	$(VENV)-audit/bin/pip-audit --strict --no-deps --disable-pip --requirement requirements.lock

# Modules, lines and circles of imports, and how many files two ways through the tree touch.
shape: $(READY)
	$(BIN)/python benchmarks/shape.py --ways

# The site, in site/: the table of backbones and the pictures are made anew first.
docs: $(READY) $(VENV)/.ready-docs
	$(BIN)/python docs/make_backbones.py
	$(BIN)/python docs/make_gallery.py
	$(BIN)/python docs/make_site.py

clean:
	rm -rf $(VENV) $(VENV)-tf217 $(VENV)-audit $(DEMO) build/pages build/gallery docs/gallery site .cache

$(READY): requirements.lock setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.ready-docs: $(READY) requirements-docs.lock
	$(BIN)/python -m pip install --quiet --requirement requirements-docs.lock
	touch $@

$(VENV)-tf217/.ready:
	$(PYTHON) -m venv $(VENV)-tf217
	$(VENV)-tf217/bin/python -m pip install --quiet tensorflow-cpu==2.17.0
	touch $@
