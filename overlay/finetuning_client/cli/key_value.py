"""Options of the form KEY=VALUE."""

from __future__ import annotations

import click


class KeyValue(click.ParamType):
    """A pair, written KEY=VALUE."""

    name = "pair"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        key, separator, rest = str(value).partition("=")
        if not separator or not key.strip():
            self.fail(f"{value!r} is not a pair: write KEY=VALUE", param, ctx)
        return key.strip(), rest
