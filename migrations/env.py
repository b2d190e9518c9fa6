"""Alembic's entry: runs on the connection that models.schema hands over."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

import models.schema  # noqa: F401
from models.base import Base


def _plain_types(kind: str, obj: Any, _context: AutogenContext) -> str | bool:
    # Migrations must not change when a type of ours does: write down what lies beneath it.
    if kind == "type" and isinstance(obj, TypeDecorator):
        return f"sa.{obj.impl_instance!r}" if hasattr(obj, "impl_instance") else f"sa.{obj.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=_plain_types,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
