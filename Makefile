# Dragoman. `make help` lists the targets.
CC      ?= cc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
PYTHON  ?= /usr/bin/python3
BUILD   ?= build
CORPUS  ?= ../shared/corpus
RUN     ?= build/train

PACKAGES := libcjson libutf8proc libedit libmd
WARN     := -Wall -Wextra
# -ffp-contract=off: floating point does what the source says, so that every kernel table gives the same bits.
override CFLAGS += -std=c11 -D_GNU_SOURCE -ffp-contract=off -fopenmp -DDRAGOMAN_DATADIR='"$(PREFIX)/share/dragoman"' \
                   $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
# A shared library costs a tenth of a millisecond at every start, so what has an archive is linked into the program.
ARCHIVES := $(foreach l,utf8proc edit tinfo bsd md,$(wildcard $(shell $(CC) -print-file-name=lib$(l).a)))
LIBS     = $(if $(filter 5,$(words $(ARCHIVES))),$(ARCHIVES) -lcjson,$(shell pkg-config --libs $(PACKAGES) 2>/dev/null)) -lm

ifeq ($(filter clean demo help test train,$(MAKECMDGOALS)),)
ifneq ($(shell pkg-config --exists $(PACKAGES) 2>/dev/null && echo yes),yes)
$(error want the development packages of $(PACKAGES); `make demo` installs them)
endif
endif

LIB_SOURCES  := $(filter-out $(wildcard src/cli/*.c),$(wildcard src/*.c src/*/*.c))
CLI_SOURCES  := $(wildcard src/cli/*.c)
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
LIB_OBJECTS  := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
CLI_OBJECTS  := $(CLI_SOURCES:%.c=$(BUILD)/%.o)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
UNIT_KERNELS := $(BUILD)/tests/unit/avxvnni_evex.o
PROGRAM      ?= dragoman

all: $(PROGRAM) ## build ./dragoman

$(PROGRAM): $(CLI_OBJECTS) $(BUILD)/libdragoman.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libdragoman.a: $(LIB_OBJECTS)
	rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(KERNEL_FLAGS) -MMD -MP -c -o $@ $<

# The page of `dragoman attend --html` is assembled into the program.
$(BUILD)/src/cli/page_files.o: $(wildcard src/cli/page/*)

# Instruction sets are chosen at run time; each table's file alone is compiled for its own.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
knows    = $(shell $(CC) $1 -E -x c /dev/null >/dev/null 2>&1 && echo $1)
# GCC's partial redundancy elimination copies and spills the sums of the inner loops.
KERNELS := -O3 $(call knows,-fno-tree-pre)
ifneq ($(filter x86_64 amd64,$(MACHINE)),)
AVX2    := $(KERNELS) -mavx2 -mfma -mf16c
AVX512  := $(KERNELS) -mprfchw -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mf16c
AVXVNNI := $(or $(call knows,-mavxvnni),-DNO_AVXVNNI)
$(BUILD)/src/kernels/cpu.o:        KERNEL_FLAGS := $(filter -D%,$(AVXVNNI))
$(BUILD)/src/kernels/avx2.o:       KERNEL_FLAGS := $(AVX2)
$(BUILD)/src/kernels/avxvnni.o:    KERNEL_FLAGS := $(AVX2) $(AVXVNNI)
$(BUILD)/src/kernels/avx512.o:     KERNEL_FLAGS := $(AVX512)
$(BUILD)/src/kernels/avx512vnni.o: KERNEL_FLAGS := $(AVX512) -mavx512vnni
$(UNIT_KERNELS):                   KERNEL_FLAGS := $(AVX2) -mavx512f -mavx512vl -mavx512vnni
endif
ifneq ($(filter aarch64 arm64,$(MACHINE)),)
$(BUILD)/src/kernels/neon.o:       KERNEL_FLAGS := $(KERNELS) -march=armv8.2-a+dotprod -mtune=cortex-a76
endif

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(UNIT_KERNELS) $(BUILD)/libdragoman.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/batches: $(BUILD)/tests/batches.o $(UNIT_KERNELS) $(BUILD)/libdragoman.a
	$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=kernels_choose -o $@ $^ $(LIBS)

unit-tests: $(UNIT_TESTS) $(BUILD)/tests/batches

demo: ## install what is missing, build, translate a few sentences
	@scripts/install-deps.sh build
	@$(MAKE) -s all
	@scripts/demo.sh

test: ## install what the tests need and run all of them
	@scripts/install-deps.sh test
	@$(MAKE) -s all unit-tests sanitized-sanitized
	@tests/run.sh $(TESTS)

TESTS = $(UNIT_TESTS) $(UNIT_SOURCES:%.c=$(BUILD)/sanitized/%) tests/check_tables.sh tests/check_neon.sh \
        tests/check_avxvnni.sh tests/check_sources.sh tests/check_readme.sh tests/tokenizer/compare.sh \
        tests/cli/run_cli.sh tests/pages/run_pages.py tests/check_sanitized.sh

# The library, the program and the unit tests once more in build/SANITIZER.
SANITIZE_sanitized = gcc -fsanitize=address,undefined -fno-sanitize-recover=undefined
SANITIZE_asan      = gcc -fsanitize=address
SANITIZE_ubsan     = gcc -fsanitize=undefined -fno-sanitize-recover=undefined
SANITIZE_tsan      = clang -fsanitize=thread
sanitized-%:
	@$(MAKE) -s BUILD=$(BUILD)/$* PROGRAM=$(BUILD)/$*/dragoman CC=$(firstword $(SANITIZE_$*)) \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(wordlist 2,9,$(SANITIZE_$*))' unit-tests $(BUILD)/$*/dragoman

# tsan: clang's OpenMP tells ThreadSanitizer, through Archer, when its threads wait for one another.
asan ubsan tsan: ## build all in build/SANITIZER, run the unit tests and a file in 4 threads under it
	@scripts/install-deps.sh test
	@$(MAKE) -s sanitized-$@
	@cut -f2 tests/golden/sentences.tsv >$(BUILD)/$@/sentences.txt
	@export OMP_TOOL_LIBRARIES=libarcher.so TSAN_OPTIONS=ignore_noninstrumented_modules=1; \
	tests/run.sh $(UNIT_SOURCES:%.c=$(BUILD)/$@/%) && \
	$(BUILD)/$@/dragoman -j4 -m tests/golden/tiny-i8.safetensors -qi $(BUILD)/$@/sentences.txt \
	    -o /dev/null --align=/dev/null

BENCH_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/touch.c,$(wildcard scripts/bench/*.c)))
$(BUILD)/scripts/bench/bench: $(BENCH_OBJECTS) $(BUILD)/libdragoman.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/scripts/bench/touch: $(BUILD)/scripts/bench/touch.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<

BENCH ?= # options, e.g. --quick, --random=base; build/scripts/bench/bench --help lists them
bench: all $(BUILD)/scripts/bench/bench $(BUILD)/scripts/bench/touch ## measure this machine, the kernels and the program
	@$(BUILD)/scripts/bench/bench $(BENCH)

MODEL ?= models/en-de.safetensors
evaluate: all ## translate the test sets of the corpus and print BLEU and chrF
	@$(PYTHON) scripts/evaluate.py --corpus $(CORPUS)/en-de --model $(MODEL)

align: all ## measure which heads align words best and store them in MODEL
	@$(PYTHON) scripts/align.py --model $(MODEL) --set

figure: all ## draw models/attention.svg, the picture in the README, anew
	./$(PROGRAM) attend --model=models/en-de.safetensors --to=de --head=all --svg=models/attention.svg \
	    'I lost my keys yesterday.'

train: ## train the model from the corpus; run it again to go on (see models/en-de.md)
	@scripts/install-deps.sh train
	scripts/train.sh $(CORPUS) $(RUN)

install: all ## install under PREFIX (default /usr/local), DESTDIR is honoured
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/dragoman
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/dragoman
	install -m 644 models/en-de.safetensors $(DESTDIR)$(PREFIX)/share/dragoman/

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/dragoman $(DESTDIR)$(PREFIX)/share/dragoman/en-de.safetensors
	-rmdir $(DESTDIR)$(PREFIX)/share/dragoman

clean: ## remove what was built, but not a training run
	rm -rf $(BUILD)/src $(BUILD)/tests $(BUILD)/scripts $(BUILD)/*san* $(BUILD)/bench* $(BUILD)/random-* $(BUILD)/aarch64 $(BUILD)/libdragoman.a $(PROGRAM)

help: ## list the targets
	@awk -F ':[^#]*## ' '/^[a-z ]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

-include $(LIB_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(UNIT_TESTS:=.d) $(UNIT_KERNELS:.o=.d) $(BENCH_OBJECTS:.o=.d) $(BUILD)/tests/batches.d
.SECONDARY:
.PHONY: all unit-tests demo test asan ubsan tsan bench evaluate align train install uninstall clean help
