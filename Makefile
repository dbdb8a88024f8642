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
LIBS     = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

LIB_SOURCES  := $(filter-out $(wildcard src/cli/*.c),$(wildcard src/*.c src/*/*.c))
CLI_SOURCES  := $(wildcard src/cli/*.c)
UNIT_SOURCES := $(wildcard tests/unit/*.c)
LIB_OBJECTS  := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
CLI_OBJECTS  := $(CLI_SOURCES:%.c=$(BUILD)/%.o)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
PROGRAM      ?= dragoman

all: $(PROGRAM) ## build ./dragoman

$(PROGRAM): $(CLI_OBJECTS) $(BUILD)/libdragoman.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libdragoman.a: $(LIB_OBJECTS)
	rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) $(KERNEL_FLAGS) -MMD -MP -c -o $@ $<

# Instruction sets are chosen at run time; each table's file alone is compiled for its own.
ifneq ($(filter x86_64 amd64,$(shell uname -m)),)
$(BUILD)/src/kernels/avx2.o:   KERNEL_FLAGS := -O3 -mavx2 -mfma -mf16c
$(BUILD)/src/kernels/avx512.o: KERNEL_FLAGS := -O3 -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mf16c
endif

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libdragoman.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

unit-tests: $(UNIT_TESTS)

-include $(LIB_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(UNIT_TESTS:=.d)
.SECONDARY:
.PHONY: all unit-tests
