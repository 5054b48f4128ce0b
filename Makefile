# What a newcomer types. Each target sets up what it needs.
#
#   make demo    from clone to a protected database, in the sandbox
#   make test    every test
#   make bench   figures, each a ratio within one run
#   make lint    what CI holds you to
#   make image   the container image, built and tried

.PHONY: setup build dev demo test unit scenario split regress bench lint image fuzz coverage format clean

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60

setup:
	@tools/setup.sh

# The program as it is shipped.
build:
	@tools/setup.sh build
	@cmake --preset release >/dev/null
	@cmake --build --preset release -j $(JOBS)

# The unit tests, with sanitizers.
dev:
	@tools/setup.sh build test
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev -j $(JOBS)

demo:
	@tools/setup.sh build test
	@$(MAKE) --no-print-directory build
	@.venv/bin/python tools/demo.py

test:
	@tools/test.sh

unit: dev
	@ctest --preset dev

scenario: build
	@tools/setup.sh test
	@.venv/bin/python -m pytest -q tests/scenario

# The same stories, each command with what `tidemark iam` prints for its roles and nothing else.
STORIES ?= tests/scenario
split: build
	@tools/setup.sh test
	@TIDEMARK_SPLIT_CREDENTIALS=1 .venv/bin/python -m pytest -q $(STORIES)

# PostgreSQL's own regression suite through archive and restore.
regress: build
	@tools/setup.sh regress
	@/usr/bin/python3 tests/regress/round_trip.py

bench: build
	@tools/setup.sh test bench
	@.venv/bin/python bench/bench.py
	@.venv/bin/python bench/archive/against_peers.py --dataset A
	@.venv/bin/python bench/archive/against_peers.py --dataset B

lint:
	@tools/setup.sh build test lint
	@tools/lint.sh

image:
	@tools/setup.sh image
	@packaging/image.sh

fuzz:
	@tools/setup.sh build lint
	@cmake --preset fuzz >/dev/null
	@cmake --build --preset fuzz -j $(JOBS) --target fuzz
	@tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)

coverage:
	@tools/setup.sh build test lint
	@tools/coverage.sh

format:
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

clean:
	@rm -rf build
