"""Plants one defect at a time in a file and asks the unit tests that belong to it whether they notice.

The tests are collected once for a file and run once unharmed, which tells which of them reach which line and how long each
takes. Then every mutant is a process of its own, forked from there: it changes the one function, runs the tests that reach
the line, quickest first, and ends at the first that fails. What lies outside functions is planted before the import instead.
"""

import ast
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from mutations import Mutation, mutations

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"
LONGEST_SECONDS = 20
"""A mutant that takes longer has been noticed: it runs in circles."""
PURE = ["assessment", "calendar", "four_eyes", "geo", "labels", "names", "public_calendar", "scope", "times", "versions"]
"""Of `shared/`: what neither waits nor stores."""


@dataclass(frozen=True, slots=True)
class Verdict:
    file: str
    function: str
    line: int
    code: str
    change: str
    killed: bool

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Stays the same when lines are added above."""
        return self.file, self.function, self.code, self.change


def measured() -> list[str]:
    """The files whose mutants are counted."""
    rules = sorted(path for path in ROOT.glob("services/*/domain/*.py") if path.name != "__init__.py")
    return [path.relative_to(ROOT).as_posix() for path in rules] + [f"shared/{name}.py" for name in PURE]


def tests_of(file: str) -> list[Path]:
    """services/X/domain/Y.py → tests/unit/X, shared/Z.py → what names `shared.Z` in tests/unit/shared."""
    parts = Path(file).parts
    if parts[0] == "services":
        return [UNIT / parts[1]]
    name = file.removesuffix(".py").replace("/", ".")
    return [path for path in sorted((UNIT / "shared").glob("test_*.py")) if name in path.read_text("utf-8")]


def found_in(file: str) -> list[Mutation]:
    return mutations(ast.parse((ROOT / file).read_text("utf-8")))


def judge(file: str, chosen: Sequence[int] | None = None) -> list[Verdict]:
    """The chosen mutants of a file (all by default), in order. Raises RuntimeError when the unharmed tests fail."""
    found = found_in(file)
    indexes = range(len(found)) if chosen is None else chosen
    killed = dict.fromkeys(indexes, False)
    tested = indexes if tests_of(file) else []
    killed |= {index: _killed_at_import(file, index) for index in tested if found[index].function is None}
    inner = [index for index in tested if found[index].function is not None]
    if inner:
        killed |= dict(zip(inner, _killed_in_functions(file, inner), strict=True))
    source = (ROOT / file).read_text("utf-8").splitlines()
    return [
        Verdict(file, (one.function or ("",))[0], one.line, source[one.line - 1].strip(), one.change, killed[index])
        for index, one in enumerate(found)
        if index in killed
    ]


def _killed_in_functions(file: str, indexes: list[int]) -> bytes:
    """A byte for each: 1 when it was noticed."""
    reader, writer = os.pipe()

    def work() -> int:
        plugin = _Mutants(file, indexes, writer)
        _pytest_main(file, plugin)
        return 0

    child = _forked(work)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answers = pipe.read()
    os.waitpid(child, 0)
    if len(answers) != len(indexes):
        raise RuntimeError(f"the unit tests of {file} fail as they are")
    return answers


def _killed_at_import(file: str, index: int) -> bool:
    def work() -> int:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        mutations(tree)[index].apply()
        sys.meta_path.insert(0, _Planted(file, compile(ast.fix_missing_locations(tree), str(ROOT / file), "exec")))
        return int(_pytest_main(file))

    return _failed(_forked(work, LONGEST_SECONDS * 2))


def _pytest_main(file: str, *plugins: object) -> int:
    hypothesis.settings.register_profile("mutants", database=None, deadline=None, derandomize=True, print_blob=False)
    hypothesis.settings.load_profile("mutants")
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler", "--capture=no"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return pytest.main([*options, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), *map(str, tests_of(file))], plugins)


def _forked(work: Callable[[], int], seconds: int | None = None) -> int:
    """The process that does the work, in silence, and ends with what it returns."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        if seconds is not None:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(seconds)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        status = work()
    finally:
        os._exit(status)


def _failed(child: int) -> bool:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


class _Mutants:
    """Takes the place of pytest's own loop over the tests."""

    def __init__(self, file: str, indexes: list[int], answers: int) -> None:
        self._path, self._indexes, self._answers = str(ROOT / file), indexes, answers

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            return True
        reach = [(item, *_reached(item, self._path)) for item in session.items]
        if any(lines is None for _, lines, _ in reach):
            return True
        reach.sort(key=lambda one: one[2])
        living = _living_functions(self._path)
        for index in self._indexes:
            tree = ast.parse(Path(self._path).read_text("utf-8"))
            one = mutations(tree)[index]
            items = [item for item, lines, _ in reach if lines and not lines.isdisjoint(one.lines)]
            os.write(self._answers, bytes([bool(items) and _is_killed(one, tree, self._path, living, items)]))
        return True


def _reached(item: pytest.Item, path: str) -> tuple[set[int] | None, float]:
    """The lines of the file that a test runs, None when it fails; and its seconds."""
    lines: set[int] = set()

    def of_line(frame: FrameType, event: str, _arg: Any) -> Any:
        if event == "line":
            lines.add(frame.f_lineno)
        return of_line

    def of_call(frame: FrameType, _event: str, _arg: Any) -> Any:
        return of_line if frame.f_code.co_filename == path else None

    begun = time.perf_counter()
    sys.settrace(of_call)
    try:
        passed = _passes(item, None)
    finally:
        sys.settrace(None)
    return (lines if passed else None), time.perf_counter() - begun


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


Functions = dict[tuple[str, int], list[FunctionType]]


def _living_functions(path: str) -> Functions:
    """All functions made from the file, wherever they are held: decorated, imported by name, as methods."""
    found: Functions = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == path:
            found.setdefault((thing.__code__.co_qualname, thing.__code__.co_firstlineno), []).append(thing)
    return found


def _is_killed(one: Mutation, tree: ast.Module, path: str, living: Functions, items: Sequence[pytest.Item]) -> bool:
    def work() -> int:
        one.apply()
        whole = compile(ast.fix_missing_locations(tree), path, "exec")
        changed = next(code for code in _codes(whole) if (code.co_qualname, code.co_firstlineno) == one.function)
        for function in living[one.function or ("", 0)]:
            function.__code__ = changed
        return int(not all(_passes(item, after) for item, after in zip(items, [*items[1:], None], strict=True)))

    return _failed(_forked(work, LONGEST_SECONDS))


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


class _Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed code to whoever imports the file's module."""

    def __init__(self, file: str, code: CodeType) -> None:
        self._name, self._code, self._path = file.removesuffix(".py").replace("/", "."), code, str(ROOT / file)

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)  # noqa: S102 - what an import does
