"""`make mutants`: which small defects in the rules the unit tests notice. Ends with 1 below 90 % of any file.

`--sample N`: only N of each file, always the same; then all of them together must reach 90 %.
"""

import argparse
import random
import sys
from functools import partial
from multiprocessing import get_context

import hypothesis.strategies  # noqa: F401 - what is imported here need not be imported again for each file
import pydantic  # noqa: F401
import sqlmodel  # noqa: F401
from equivalents import EQUIVALENT
from judgements import Verdict, found_in, judge, measured

LEAST, SEED = 0.9, 20261116


def judge_some(file: str, sample: int | None) -> list[Verdict]:
    every = range(len(found_in(file)))
    return judge(file, every if sample is None else sorted(random.Random(SEED).sample(every, min(sample, len(every)))))


def main(files: list[str], sample: int | None, jobs: int) -> int:
    low: list[str] = []
    stale: list[str] = []
    every = hits = 0
    with get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        for file, verdicts in zip(files, pool.imap(partial(judge_some, sample=sample), files), strict=True):
            counted = [one for one in verdicts if one.killed or one.key not in EQUIVALENT]
            killed = sum(one.killed for one in counted)
            every, hits = every + len(counted), hits + killed
            print(f"{killed:4} of {len(counted):4} killed  {len(verdicts) - len(counted):3} equivalent  {file}", flush=True)
            for one in counted:
                if not one.killed:
                    print(f"       {file}:{one.line}  {one.change}")
            stale += [f"{one.file}:{one.line}  {one.change}" for one in verdicts if one.killed and one.key in EQUIVALENT]
            if sample is None and killed < LEAST * len(counted):
                low.append(file)
    print(f"{hits} of {every} killed ({100 * hits / max(every, 1):.1f} %)")
    for text, named in (("below 90 %", low), ("listed as equivalent, yet killed", stale)):
        if named:
            print(text + ":", *named, sep="\n  ")
    return int(bool(low or stale) or hits < LEAST * every)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Plant small defects in the rules and see which the unit tests notice.")
    asked.add_argument("files", nargs="*", help="measured files; all by default")
    asked.add_argument("--sample", type=int)
    asked.add_argument("--jobs", type=int, default=2)
    options = asked.parse_args()
    sys.exit(main(options.files or measured(), options.sample, options.jobs))
