"""A bounded sample of the small defects, the same every time; `make mutants` plants them all."""

import ast
import subprocess
import sys
from pathlib import Path

from equivalents import EQUIVALENT
from judgements import ROOT, found_in, measured
from mutations import mutations

SAMPLED = ["services/vehicle/domain/quality.py", "services/vehicle/domain/motion.py", "services/vehicle/domain/scales.py"]


def changes(source: str) -> list[str]:
    return [one.change for one in mutations(ast.parse(source))]


def test_every_kind_of_defect_is_planted() -> None:
    assert changes("a < b") == ["< → <= in a < b", "< → >= in a < b"]
    assert changes("a == b") == ["== → != in a == b"]
    assert changes("a + b and c") == ["and → or in a + b and c", "+ → - in a + b"]
    assert changes("not a") == ["not a → a"]
    assert changes("x = 3, True") == ["3 → 4", "True → False"]
    assert changes("def f():\n    return a") == ["return a → None"]
    assert changes("if a:\n    pass") == ["if a → if not"]
    assert changes("'text'") == []


def test_an_applied_defect_changes_only_its_place() -> None:
    tree = ast.parse("def f(a, b):\n    return a < b and a != 3\n")
    [boundary] = [one for one in mutations(tree) if one.change.startswith("< → <=")]
    boundary.apply()
    assert (ast.unparse(tree), boundary.function) == ("def f(a, b):\n    return a <= b and a != 3", ("f", 1))


def test_every_entry_of_the_equivalent_ones_is_still_a_mutant() -> None:
    for file, function, code, change in EQUIVALENT:
        lines = (ROOT / file).read_text("utf-8").splitlines()
        found = {((one.function or ("",))[0], lines[one.line - 1].strip(), one.change) for one in found_in(file)}
        assert (function, code, change) in found, f"stale: {file} {change}"


def test_the_measured_files_are_there() -> None:
    assert len(measured()) > 60
    assert all((ROOT / file).is_file() for file in measured())


def test_a_sample_of_the_defects_is_noticed() -> None:
    """In a process of its own: the tests of the files are collected anew, and it forks."""
    command = [sys.executable, str(Path(__file__).with_name("run.py")), *SAMPLED, "--sample", "12", "--jobs", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
