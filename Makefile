# Two commands on a fresh Linux machine: `make demo` and `make test`.
#   make PYTHON=python3.11 demo        choose the Python
#   make TORCH_INDEX=https://download.pytorch.org/whl/cpu demo
#                                      take torch from another wheel index (CPU build: 200 MB)
#   make demo DEMO='--parts 50'        options for the demo
VENV ?= .venv
PYTHON ?= $(firstword $(foreach p,python3.11 python3.10 python3.12 python3.13 python3,$(shell $(p) -c '' 2>/dev/null && echo $(p))))
TORCH_INDEX ?=
DEMO ?= --parts 200 --scenario demo --seed 1
BENCH ?= all

PY = $(VENV)/bin/python
PIP_OPTIONS = --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
CONSTRAINTS = requirements/constraints-$$($(PY) -c 'import sys; print("%d.%d" % sys.version_info[:2])').txt

# Two tests at a time, each on one thread: with more they only get in each other's way.
SIDE_BY_SIDE = OMP_NUM_THREADS=1 $(PY) -m pytest --numprocesses 2

# Its time series are read as files; what it needs itself asks for another Numba than ours.
SERIES := aeon==1.6.0

.PHONY: demo test lint bench colcon clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.demo-installed
	$(PY) -m ant_ros demo $(DEMO) --out out/demo

test: $(VENV)/.test-installed
	$(SIDE_BY_SIDE) test/unit --dist loadfile
	$(SIDE_BY_SIDE) test/topics test/launch_files --dist load --maxschedchunk 1

lint: $(VENV)/.test-installed
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.bench-installed
	$(PY) -m ant_ros bench $(BENCH)

# The package as a colcon workspace builds it, both ways, and its unit tests as colcon runs them.
colcon: $(VENV)/.test-installed
	rm -rf build/colcon && mkdir -p build/colcon
	for how in copy symlink; do \
	  $(PY) -m colcon --log-base build/colcon/log build --base-paths . \
	    --build-base build/colcon/build-$$how --install-base build/colcon/install-$$how \
	    $$([ $$how = symlink ] && echo --symlink-install) || exit 1; \
	done
	$(PY) -m colcon --log-base build/colcon/log test --base-paths . --packages-select ant_ros \
	  --build-base build/colcon/build-copy --install-base build/colcon/install-copy \
	  --return-code-on-test-failure --event-handlers console_direct+ --pytest-args test/unit
	$(PY) -m colcon --log-base build/colcon/log test-result --test-result-base build/colcon/build-copy \
	  | tee build/colcon/summary
	grep -Eq 'Summary: [1-9][0-9]* tests' build/colcon/summary

clean:
	rm -rf $(VENV) build install log out

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo 'no Python 3 found: sudo apt install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) requirements/check_machine.py
	@echo 'making the virtual environment $(VENV) with $(PYTHON)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo-installed: requirements/demo.txt $(wildcard requirements/constraints-*.txt) | $(VENV)/bin/python
	@echo 'installing ROS 2 Jazzy, torch, PyBullet and the rest into $(VENV) (once)'
	@$(PY) -m pip install $(PIP_OPTIONS) -r requirements/demo.txt -c $(CONSTRAINTS)
	@touch $@

$(VENV)/.bench-installed: requirements/bench.txt $(VENV)/.demo-installed
	@echo 'installing what the benchmarks need into $(VENV) (once)'
	@$(PY) -m pip install $(PIP_OPTIONS) -r requirements/bench.txt -c $(CONSTRAINTS)
	@$(PY) -m pip install $(PIP_OPTIONS) --no-deps $(SERIES)
	@touch $@

$(VENV)/.test-installed: requirements/test.txt $(VENV)/.bench-installed
	@echo 'installing the test tools into $(VENV) (once)'
	@$(PY) -m pip install $(PIP_OPTIONS) -r requirements/test.txt -c $(CONSTRAINTS)
	@touch $@
