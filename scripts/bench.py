#!/usr/bin/env python3
"""Measure ./dragoman on this machine, everything side by side in one run: source words a second, peak memory and the
time to the first translation, for each kernel table and for one and all threads. The machine's speed drifts, so
compare rows of one run only; each figure is the median of --runs runs taken in turn (scalar: one run of 40 lines).

usage: bench.py [--runs N] [--program ./dragoman] [--model FILE]
"""
import argparse
import os
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def measure(command, environment, text):
    """Seconds and peak memory (MB) of one run; the text goes through a file, as a user's would."""
    start = time.perf_counter()
    process = subprocess.Popen(command + ['-i', text, '-o', os.devnull],
                               env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f'{" ".join(command)}: wait status {status}')
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--runs', type=int, default=5)
    ap.add_argument('--program', default=os.path.join(HERE, '..', 'dragoman'))
    ap.add_argument('--model')
    args = ap.parse_args()
    base = [args.program] + (['-m', args.model] if args.model else [])
    sentences, few, short = (os.path.join(HERE, '..', 'build', f'bench-{name}.txt')
                             for name in ('all', 'few', 'short'))
    with open(os.path.join(HERE, '..', 'tests', 'golden', 'sentences.tsv'), encoding='utf-8') as f:
        lines = [line.split('\t')[1] for line in f]
    for path, some in ((sentences, lines), (few, lines[:40]), (short, ['Good morning!\n'])):
        with open(path, 'w', encoding='utf-8') as f:
            f.writelines(some)
    cores = os.cpu_count()
    rows = [(table, j) for table in ('avx512', 'avx2', 'scalar') for j in sorted({1, cores})
            if not (table == 'scalar' and j > 1) and
            subprocess.run(base + ['Hello'], env={**os.environ, 'DRAGOMAN_CPU': table}, capture_output=True,
                           check=False).returncode == 0]
    figures = {row: [] for row in rows}
    for run in range(args.runs):
        for table, j in rows:
            if table == 'scalar' and run:
                continue
            environment = {'DRAGOMAN_CPU': table}
            some, path = (lines[:40], few) if table == 'scalar' else (lines, sentences)
            seconds, memory = measure(base + [f'-j{j}'], environment, path)
            words = sum(len(line.split()) for line in some)
            figures[table, j].append((words / seconds, memory, measure(base + [f'-j{j}'], environment, short)[0]))
    print(f'{len(lines)} lines, {sum(len(line.split()) for line in lines)} words; median of {args.runs} runs '
          '(scalar: 40 lines, 1 run)')
    print('| kernels | threads | words/s | peak MB | start and one short line, ms |\n|---|---:|---:|---:|---:|')
    for (table, j), runs in figures.items():
        speed, memory, first = (statistics.median(run[i] for run in runs) for i in range(3))
        print(f'| {table} | {j} | {speed:.0f} | {memory:.0f} | {1000 * first:.1f} |')


if __name__ == '__main__':
    main()
