"""W3C trace context, carried from a request over the outbox into every consumer."""

from contextvars import ContextVar

from shared.ids import new_span_id, new_trace_id

traceparent: ContextVar[str] = ContextVar("traceparent", default="")
request_id: ContextVar[str] = ContextVar("request_id", default="")


def continue_trace(incoming: str) -> str:
    """A new span in the caller's trace, or a new trace when the caller sent none (or nonsense)."""
    parts = incoming.split("-")
    hexadecimal = all(character in "0123456789abcdef-" for character in incoming)
    known = hexadecimal and [len(part) for part in parts] == [2, 32, 16, 2]
    value = f"00-{parts[1] if known else new_trace_id()}-{new_span_id()}-01"
    traceparent.set(value)
    return value
