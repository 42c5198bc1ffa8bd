"""Charts as PNG, drawn by Pillow (extra `plot`), which bundles a font, so text is drawn on every machine."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from .drawing import GAP, MARGIN, NOTHING, Dot, Path, Shape, Text, charts_of, picture_size
from .styles import LIGHT

if TYPE_CHECKING:
    from .metrics import MetricRow

# Charts are drawn larger and then reduced, since Pillow's lines are not smooth.
_DETAIL = 4
_RESULT = 2
_SIZES = {"title": 15, "legend": 12, "tick": 11}
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}
_THIN = 1.0
_THICK = 1.75


def png_picture(rows: Sequence[MetricRow]) -> bytes:
    """Return the charts of metrics, one below the other, at two pixels per layout unit.

    Raises `ConfigurationError` if Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise ConfigurationError(
            "a PNG image cannot be made without Pillow: run pip install 'finetuning-client[plot]', "
            "or use to_svg()"
        ) from error
    charts = charts_of(rows)
    width, height = picture_size(charts)
    picture = Image.new("RGB", (int(width * _DETAIL), int(height * _DETAIL)), LIGHT["paper"])
    draw = ImageDraw.Draw(picture)
    if not charts:
        _draw(draw, Text("legend", 0, 14, NOTHING), MARGIN)
    top = MARGIN
    for chart in charts:
        for shape in chart.shapes():
            _draw(draw, shape, top)
        top += chart.height + GAP
    small = picture.resize((int(width * _RESULT), int(height * _RESULT)), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return written.getvalue()


def _draw(draw: Any, shape: Shape, top: float) -> None:
    def place(x: float, y: float) -> tuple[float, float]:
        return (x + MARGIN) * _DETAIL, (y + top) * _DETAIL

    match shape:
        case Path(role, points):
            is_axis = role in {"grid", "axis"}
            colour = LIGHT["rule" if role == "grid" else role]
            width = round((_THIN if is_axis else _THICK) * _DETAIL)
            draw.line([place(*point) for point in points], fill=colour, width=width, joint="curve")
        case Dot(role, x, y):
            box = [*place(x - 3.5, y - 3.5), *place(x + 3.5, y + 3.5)]
            draw.ellipse(box, fill=LIGHT["paper"], outline=LIGHT[role], width=round(_THICK * _DETAIL))
        case Text(role, x, y, text, anchor):
            from PIL import ImageFont

            font = ImageFont.load_default(_SIZES[role] * _DETAIL)
            colour = LIGHT["ink" if role == "title" else "soft"]
            draw.text(place(x, y), text, fill=colour, font=font, anchor=_ANCHORS[anchor])
