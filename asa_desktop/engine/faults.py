"""Typed errors on their way between processes, as plain values."""

from __future__ import annotations

from asa_desktop.core import errors
from asa_desktop.engine.messages import Fault

_KINDS: dict[str, type[errors.AsaError]] = {
    kind.__name__: kind
    for kind in (
        errors.AudioError,
        errors.SongError,
        errors.ModelError,
        errors.PlaceError,
        errors.LibraryError,
        errors.UsageError,
        errors.Cancelled,
    )
}


def fault_of(error: errors.AsaError) -> Fault:
    """The error as a value."""
    return Fault(type(error).__name__, error.code, dict(error.facts))


def error_of(fault: Fault) -> errors.AsaError:
    """The value as an error again; a kind that nobody knows becomes the plain family."""
    return _KINDS.get(fault.kind, errors.AsaError)(fault.code, **fault.facts)
