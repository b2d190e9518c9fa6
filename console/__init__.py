"""The web for staff, for the hotline's desk, and the public pages."""

from console.values import ConsoleValues
from console.wiring import register_console, register_public

__all__ = ["ConsoleValues", "register_console", "register_public"]
