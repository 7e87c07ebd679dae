"""Which visit was meant for which plan, when there may be more of one than of the other."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

P = TypeVar("P")
V = TypeVar("V")


class _Score(NamedTuple):
    """Compared in this order: as many pairs as possible, strong ones first, then the least time apart."""

    pairs: int
    strong_pairs: int
    minus_seconds: float


def matched(
    plans: Sequence[P],
    visits: Sequence[V],
    seconds_apart: Callable[[P, V], float | None],
    is_strong: Callable[[V], bool] = lambda _: True,
) -> list[tuple[P, V]]:
    """Pairs that keep the order of both sides (each sorted by time): a later visit never serves an earlier plan.

    `seconds_apart` gives None for two that do not belong together. The result depends on nothing but the two lists.
    """
    best = [[_Score(0, 0, 0.0)] * (len(visits) + 1) for _ in range(len(plans) + 1)]
    for p in range(len(plans) - 1, -1, -1):
        for v in range(len(visits) - 1, -1, -1):
            best[p][v] = max(best[p + 1][v], best[p][v + 1])
            paired = _paired(best[p + 1][v + 1], seconds_apart(plans[p], visits[v]), is_strong(visits[v]))
            if paired is not None:
                best[p][v] = max(best[p][v], paired)
    return _way_through(best, plans, visits, seconds_apart, is_strong)


def _paired(rest: _Score, seconds: float | None, strong: bool) -> _Score | None:
    if seconds is None:
        return None
    return _Score(rest.pairs + 1, rest.strong_pairs + strong, rest.minus_seconds - seconds)


def _way_through(
    best: list[list[_Score]],
    plans: Sequence[P],
    visits: Sequence[V],
    seconds_apart: Callable[[P, V], float | None],
    is_strong: Callable[[V], bool],
) -> list[tuple[P, V]]:
    pairs = []
    p = v = 0
    while p < len(plans) and v < len(visits):
        paired = _paired(best[p + 1][v + 1], seconds_apart(plans[p], visits[v]), is_strong(visits[v]))
        if paired == best[p][v]:
            pairs.append((plans[p], visits[v]))
            p, v = p + 1, v + 1
        elif best[p + 1][v] == best[p][v]:
            p += 1
        else:
            v += 1
    return pairs
