"""The small defects that are planted in a file, one at a time: what a tired person would write instead.

    comparison    a < b     a >= b         boolean    a and b   a or b
    boundary      a < b     a <= b                    not a     a
    arithmetic    a + b     a - b          constant   3         4
    condition     if a:     if not a:                 True      False
    return        return a  return None

Texts, annotations, decorators and what only keeps two sequences of one length (`strict`) are left as they are.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
BOOLEAN: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}
DECIDED = (ast.Compare, ast.BoolOp, ast.Constant)
"""A condition of these kinds has mutations of its own."""
LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_params"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """`function`: the outermost function or method it lies in, with the line of its first decorator or `def`; None at module
    level. `lines`: the statement's. `apply` changes the tree that the mutation was found in."""

    line: int
    change: str
    function: tuple[str, int] | None
    lines: range
    apply: Callable[[], None]


def mutations(tree: ast.Module) -> list[Mutation]:
    """All of them, always in the same order."""
    return list(_of_body(tree, [], None))


def _of_body(node: ast.AST, path: list[str], function: tuple[str, int] | None) -> Iterator[Mutation]:
    for _, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.stmt):
                yield from _of_statement(child, path, function)
            elif isinstance(child, (ast.excepthandler, ast.match_case)):
                yield from _of_body(child, path, function)


def _of_statement(node: ast.stmt, path: list[str], function: tuple[str, int] | None) -> Iterator[Mutation]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from _of_expressions(node, function, range(node.lineno, node.body[0].lineno))
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        yield from _of_body(node, [], function or (".".join([*path, node.name]), first))
    elif isinstance(node, ast.ClassDef):
        yield from _of_body(node, [*path, node.name], function)
    else:
        body: list[ast.stmt] | None = getattr(node, "body", None)
        end = body[0].lineno if body else (node.end_lineno or node.lineno) + 1
        yield from _of_expressions(node, function, range(node.lineno, max(end, node.lineno + 1)))
        yield from _of_body(node, path, function)


def _of_expressions(node: ast.AST, function: tuple[str, int] | None, lines: range) -> Iterator[Mutation]:
    """Of a node and what lies under it, down to the statements within."""
    for line, change, apply in _at(node):
        yield Mutation(line, change, function, lines, apply)
    for name, value in ast.iter_fields(node):
        if name in LEFT_ALONE:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, (ast.stmt, ast.excepthandler, ast.match_case)):
                yield from _of_expressions(child, function, lines)
            elif isinstance(child, ast.match_case) and child.guard:
                yield from _of_expressions(child.guard, function, range(child.pattern.lineno, child.body[0].lineno))


Change = tuple[int, str, Callable[[], None]]


def _at(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                for other in COMPARISONS[type(operator)]:
                    change = f"{_sign(operator)} → {_sign(other())} in {_shown(node)}"
                    yield node.lineno, change, partial(node.ops.__setitem__, index, other())
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in ARITHMETIC:
            other = ARITHMETIC[type(operator)]()
            yield node.lineno, f"{_sign(operator)} → {_sign(other)} in {_shown(node)}", partial(setattr, node, "op", other)
        case ast.BoolOp():
            either = BOOLEAN[type(node.op)]()
            yield node.lineno, f"{_sign(node.op)} → {_sign(either)} in {_shown(node)}", partial(setattr, node, "op", either)
        case ast.UnaryOp(op=ast.Not()):
            yield node.lineno, f"{_shown(node)} → {_shown(node.operand)}", partial(_become, node, node.operand)
        case ast.Constant(value=bool() | int() | float() as value):
            other_value = (not value) if isinstance(value, bool) else value + 1
            yield node.lineno, f"{value} → {other_value}", partial(setattr, node, "value", other_value)
        case ast.Return(value=ast.expr() as returned) if not (isinstance(returned, ast.Constant) and returned.value is None):
            nothing = ast.copy_location(ast.Constant(None), returned)
            yield node.lineno, f"return {_shown(returned)} → None", partial(setattr, node, "value", nothing)
    yield from _of_condition(node)


def _of_condition(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, (ast.If, ast.IfExp, ast.While)) and _is_plain(node.test):
        yield node.test.lineno, f"if {_shown(node.test)} → if not", partial(setattr, node, "test", _negated(node.test))
    elif isinstance(node, ast.comprehension):
        for index, test in enumerate(node.ifs):
            if _is_plain(test):
                yield test.lineno, f"if {_shown(test)} → if not", partial(node.ifs.__setitem__, index, _negated(test))


def _is_plain(test: ast.expr) -> bool:
    return not isinstance(test, DECIDED) and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))


def _negated(test: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _become(node: ast.UnaryOp, operand: ast.expr) -> None:
    """`not a` to `not not a`, which is the truth of `a`."""
    node.operand = ast.copy_location(ast.UnaryOp(ast.Not(), operand), operand)


SIGNS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.And: "and",
    ast.Or: "or",
}


def _sign(operator: ast.AST) -> str:
    return SIGNS[type(operator)]  # type: ignore[index]


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else text[:69] + "…"
