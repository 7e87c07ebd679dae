"""What may be done with a complaint in which status, what it becomes, and which clocks that starts and stops.

12345 (GB/T 33358) with the stages of digital urban management: accept 受理, file 立案, dispatch 派遣, handle 处置, check 核查,
reply 答复, call back 回访, close 结案. All of it is this table.
"""

from dataclasses import dataclass

from shared.vocabulary import ClockKind as C
from shared.vocabulary import ComplaintStatus as S
from shared.vocabulary import ComplaintStep as Step

UNANSWERED = frozenset({S.RECEIVED, S.ACCEPTED, S.FILED, S.DISPATCHED, S.HANDLING, S.CHECKING, S.CHECKED})
"""The citizen waits for what is done."""
OPEN = UNANSWERED | {S.REPLIED, S.CALLED_BACK}
"""Somebody still has work with it; a joined case waits for the one it was joined to."""
WITH_HANDLER = frozenset({S.DISPATCHED, S.HANDLING})
ANY = frozenset(S)
CENTRE, HANDLER = "centre", "handler"


@dataclass(frozen=True, slots=True)
class Rule:
    """`to` None: the status stays. `by_handler`: whoever it was dispatched to may do it."""

    within: frozenset[S]
    to: S | None
    stops: tuple[C, ...] = ()
    starts: tuple[C, ...] = ()
    by_handler: bool = False


RULES: dict[Step, Rule] = {
    Step.ACCEPT: Rule(frozenset({S.RECEIVED}), S.ACCEPTED),
    Step.REJECT: Rule(frozenset({S.RECEIVED, S.ACCEPTED}), S.REJECTED, stops=(C.CONTACT, C.RESOLVE)),
    Step.ANSWER: Rule(frozenset({S.RECEIVED, S.ACCEPTED}), S.REPLIED, stops=(C.CONTACT, C.RESOLVE), starts=(C.CALL_BACK,)),
    Step.FILE: Rule(frozenset({S.ACCEPTED}), S.FILED),
    Step.DISPATCH: Rule(frozenset({S.FILED}), S.DISPATCHED),
    Step.TRANSFER: Rule(WITH_HANDLER, S.DISPATCHED),
    Step.RETURN: Rule(WITH_HANDLER, S.FILED, by_handler=True),
    Step.TAKE: Rule(frozenset({S.DISPATCHED}), S.HANDLING, by_handler=True),
    Step.FINISH: Rule(frozenset({S.HANDLING}), S.CHECKING, by_handler=True),
    Step.PASS_CHECK: Rule(frozenset({S.CHECKING}), S.CHECKED),
    Step.FAIL_CHECK: Rule(frozenset({S.CHECKING}), S.HANDLING),
    Step.CONTACT: Rule(UNANSWERED, None, stops=(C.CONTACT,), by_handler=True),
    Step.REPLY: Rule(frozenset({S.CHECKED}), S.REPLIED, stops=(C.CONTACT, C.RESOLVE), starts=(C.CALL_BACK,)),
    Step.CALL_BACK: Rule(frozenset({S.REPLIED}), S.CALLED_BACK, stops=(C.CALL_BACK,)),
    Step.CLOSE: Rule(frozenset({S.REPLIED, S.CALLED_BACK}), S.CLOSED, stops=(C.CALL_BACK,)),
    Step.REOPEN: Rule(frozenset({S.REPLIED, S.CALLED_BACK, S.CLOSED}), S.FILED, stops=(C.CALL_BACK,), starts=(C.RESOLVE,)),
    Step.PRESS: Rule(UNANSWERED, None),
    Step.ASK_EXTENSION: Rule(UNANSWERED - {S.RECEIVED}, None, by_handler=True),
    Step.APPROVE_EXTENSION: Rule(UNANSWERED, None),
    Step.REFUSE_EXTENSION: Rule(UNANSWERED, None),
    Step.JOIN: Rule(UNANSWERED, S.JOINED),
    Step.SPLIT: Rule(frozenset({S.JOINED}), None),
    Step.VOID: Rule(UNANSWERED, S.VOID, stops=(C.CONTACT, C.RESOLVE)),
    Step.EDIT: Rule(OPEN | {S.JOINED}, None),
    Step.NOTE: Rule(ANY, None, by_handler=True),
}

RESPONSIBLE: dict[S, str] = {status: HANDLER if status in WITH_HANDLER else CENTRE for status in S}
"""Who has to act next: the call centre, or whom it was dispatched to."""


def allowed(status: S, step: Step) -> bool:
    return status in RULES[step].within


def steps_from(status: S) -> list[Step]:
    return [step for step, rule in RULES.items() if status in rule.within]


def after(status: S, step: Step) -> S:
    """KeyError where the step is not allowed."""
    rule = RULES[step]
    if status not in rule.within:
        raise KeyError(f"{step} is not allowed in {status}")
    return rule.to or status
