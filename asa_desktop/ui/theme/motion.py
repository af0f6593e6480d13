"""How long something may move: not at all where the system or the user asks for rest."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from asa_desktop.ui.theme.tokens import MOTION_MS

_state = {"choice": "system"}


def choose(choice: str) -> None:
    """``system``: as the system asks; ``on``: nothing moves."""
    _state["choice"] = choice


def reduced() -> bool:
    """Whether nothing should move that need not."""
    if _state["choice"] == "on":
        return True
    hints = QGuiApplication.styleHints()
    accessibility = getattr(hints, "accessibility", None)  # Qt 6.10 and newer
    preference = getattr(accessibility() if accessibility else None, "motionPreference", None)
    return bool(preference and preference() == Qt.MotionPreference.ReducedMotion)


def duration(wanted_ms: int = MOTION_MS) -> int:
    """Milliseconds that a movement may take, 0 where there should be none."""
    return 0 if reduced() else min(wanted_ms, MOTION_MS)
