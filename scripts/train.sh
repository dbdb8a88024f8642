#!/usr/bin/env bash
# Train the bundled model and export it. Stop it at any time; run it again in the same way and it goes on from its last
# checkpoint, a quarter of an hour ago at most.
# usage: [MINUTES=N [COOLDOWN=N]] [START=MARIANMT_DIR] [PYTHON=python3] scripts/train.sh CORPUS RUN
#   CORPUS holds en-de/ and en-de-handwritten/; RUN gets vocabulary, checkpoint, log and model.safetensors.
set -eu
here=$(dirname "$0") corpus=$1 run=$2
# On a CPU: wide vectors, one thread a worker, and freed memory kept for the next step (a tenth of the time each).
export OMP_NUM_THREADS=1
if grep -qs avx512f /proc/cpuinfo; then export ATEN_CPU_CAPABILITY=avx512; fi
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=536870912
python=${PYTHON:-/usr/bin/python3}
nice "$python" "$here/train.py" --corpus "$corpus/en-de" --handwritten "$corpus/en-de-handwritten" "$here/../models/pairs" --run "$run" \
    --minutes "${MINUTES:-1000000}" --cooldown "${COOLDOWN:-0}" ${START:+--start "$START" --warmup 300 --everyday-steps 600}
"$python" "$here/export.py" --run "$run" --card "$here/../models/en-de.json" "$run/model.safetensors"
