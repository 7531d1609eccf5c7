"""Draw the figures of the sample issues.

``python -m newsletter.samples.draw`` writes every PNG beside the sample texts, in the folder
of its issue. The numbers below are those of the articles' own words: change both together.
Needs Pillow, fontconfig's ``fc-match`` and the Noto CJK fonts (Debian: fonts-noto-cjk).
"""

import shutil
import subprocess  # nosec B404
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

FOLDER = Path(__file__).resolve().parent
SIZE = (1600, 900)
SCALE = 2  # drawn twice as large and reduced: that is the anti-aliasing

Colour: TypeAlias = tuple[int, int, int]
PAPER: Colour = (0xFF, 0xFD, 0xF8)
INK: Colour = (0x1D, 0x1A, 0x16)
VERMILION: Colour = (0xA9, 0x2B, 0x1F)


def _tint(colour: Colour, share: float) -> Colour:
    """Mix `share` (0 to 1) of a colour into the paper."""
    red, green, blue = (
        round(paper + (ink - paper) * share) for ink, paper in zip(colour, PAPER, strict=True)
    )
    return red, green, blue


HAIRLINE = _tint(INK, 0.14)
MUTED = _tint(INK, 0.66)
BAR = _tint(INK, 0.32)


def _palette() -> Image.Image:
    """Paper to ink and paper to vermilion in even steps; a chosen palette keeps greys grey."""
    colours = [_tint(INK, step / 31) for step in range(32)]
    colours += [_tint(VERMILION, step / 15) for step in range(1, 16)]
    image = Image.new("P", (1, 1))
    image.putpalette([channel for colour in (*colours, BAR, MUTED) for channel in colour])
    return image


SERIF = "Noto Serif CJK SC"
SANS = "Noto Sans CJK SC"


@dataclass(frozen=True)
class Series:
    """One row of numbers; `name` stands at its end when there is more than one."""

    values: Sequence[float]
    name: str = ""
    colour: Colour = VERMILION
    marked: Sequence[int] = ()  # positions whose value is written at the point


@dataclass(frozen=True)
class Panel:
    """One plot: its unit, the ticks of its axis, and bars or lines."""

    unit: str
    ticks: Sequence[float]
    series: Sequence[Series]
    bars: bool = False
    decimals: int = 0
    weight: float = 1.0  # share of the height, against the other panels


@dataclass(frozen=True)
class Chart:
    """One figure: panels above one another over a common axis of periods.

    `groups` maps the first position of a run of periods to what is written under it.
    """

    name: str
    periods: Sequence[str]
    groups: dict[int, str]
    panels: Sequence[Panel] = field(default_factory=tuple)


def _months(first: int, count: int) -> list[str]:
    return [f"{(first - 1 + step) % 12 + 1}月" for step in range(count)]


YEAR_TO_JUNE = _months(7, 12)
YEAR_TO_JUNE_GROUPS = {0: "2025年", 6: "2026年"}
TO_SEPTEMBER = _months(1, 9)

CHARTS = (
    Chart(
        "2026-2/30-图1.png",
        YEAR_TO_JUNE,
        YEAR_TO_JUNE_GROUPS,
        (
            Panel(
                "同比增速（%）",
                (2, 4, 6),
                [
                    Series(
                        (3.4, 3.0, 3.2, 3.5, 3.9, 4.1, 4.2, 3.8, 5.0, 4.9, 5.7, 6.4),
                        marked=(0, 1, 5, 7, 8, 10, 11),
                    )
                ],
                decimals=1,
                weight=0.7,
            ),
            Panel(
                "用电量（亿千瓦时）",
                (0, 4, 8, 12),
                [
                    Series(
                        (11.6, 11.8, 10.9, 10.4, 10.6, 10.9, 10.0, 8.1, 10.6, 10.7, 11.2, 11.7),
                        marked=range(12),
                    )
                ],
                bars=True,
                decimals=1,
            ),
        ),
    ),
    Chart(
        "2026-2/30-图2.png",
        YEAR_TO_JUNE,
        YEAR_TO_JUNE_GROUPS,
        (
            Panel(
                "万立方米",
                (2400, 2700, 3000, 3300, 3600),
                [
                    Series(
                        (2860, 2910, 2790, 2950, 3240, 3480, 3390, 2620, 3210, 3050, 2980, 2940),
                        marked=(0, 5, 7, 8, 11),
                    )
                ],
            ),
        ),
    ),
    Chart(
        "2026-2/30-图3.png",
        YEAR_TO_JUNE,
        YEAR_TO_JUNE_GROUPS,
        (
            Panel(
                "万千瓦时",
                (0, 1000, 2000, 3000),
                [
                    Series(
                        (2380, 2410, 2050, 1820, 1510, 1340, 1420, 1530, 2060, 2450, 2790, 2860),
                        marked=range(12),
                    )
                ],
                bars=True,
            ),
        ),
    ),
    Chart(
        "2026-3/32-图1.png",
        TO_SEPTEMBER,
        {},
        (
            Panel(
                "万吨",
                (500, 600, 700, 800, 900),
                [
                    Series((786, 571, 815, 836, 850, 858, 846, 852, 871), "2025年", MUTED, (8,)),
                    Series(
                        (812, 598, 846, 871, 889, 902, 885, 896, 921),
                        "2026年",
                        marked=(0, 5, 8),
                    ),
                ],
            ),
        ),
    ),
    Chart(
        "2026-3/32-图2.png",
        TO_SEPTEMBER,
        {0: "2026年"},
        (
            Panel(
                "万件",
                (0, 1000, 2000, 3000, 4000),
                [
                    Series(
                        (3120, 2240, 3080, 3210, 3390, 3560, 3470, 3520, 3680),
                        marked=range(9),
                    )
                ],
                bars=True,
            ),
        ),
    ),
    Chart(
        "2026-3/32-图3.png",
        ["1—3月", "1—6月", "1—9月", "全年"] * 2 + ["1—3月", "1—6月", "1—9月"],
        {0: "2024年", 4: "2025年", 8: "2026年"},
        (
            Panel(
                "%",
                (12.8, 13.2, 13.6, 14.0),
                [
                    Series(
                        (14.0, 13.9, 13.8, 13.6, 13.8, 13.6, 13.4, 13.3, 13.4, 13.1, 13.0),
                        marked=(0, 6, 9, 10),
                    )
                ],
                decimals=1,
            ),
        ),
    ),
    Chart(
        "2026-3/32-图4.png",
        TO_SEPTEMBER,
        {0: "2026年"},
        (
            Panel(
                "万吨",
                (0, 5, 10, 15, 20, 25),
                [
                    Series(
                        (18.2, 14.6, 18.9, 19.8, 21.5, 23.4, 24.6, 24.1, 22.7),
                        marked=range(9),
                    )
                ],
                bars=True,
                decimals=1,
            ),
        ),
    ),
)


@cache
def _font(family: str, size: int) -> ImageFont.FreeTypeFont:
    """The family's font file as fontconfig finds it, `size` in pixels of the finished picture.

    Raises RuntimeError when fc-match or the family is missing: another font has no Chinese.
    """
    fc_match = shutil.which("fc-match")
    if fc_match is None:
        raise RuntimeError("fc-match not found: install fontconfig")
    pattern = "%{family}\n%{file}\n%{index}"
    command = [fc_match, "--format", pattern, family]
    # Every argument is a constant of this file.
    found = subprocess.run(  # noqa: S603  # nosec B603
        command, check=True, capture_output=True, text=True
    )
    families, file, index = found.stdout.split("\n")
    if family not in families:
        raise RuntimeError(f"font {family} not found: install fonts-noto-cjk")
    return ImageFont.truetype(file, size * SCALE, index=int(index))


class _Pen:
    """Draws in coordinates of the finished picture on the enlarged one."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")

    def bar(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        box = (left * SCALE, top * SCALE, right * SCALE, bottom * SCALE)
        self._draw.rectangle(box, fill=colour)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        for size, fill in ((radius + 2, PAPER), (radius, colour)):  # a rim of paper
            self._draw.circle((x * SCALE, y * SCALE), size * SCALE, fill=fill)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        anchor: str,
        colour: Colour = INK,
        size: int = 26,
        family: str = SANS,
    ) -> None:
        # A rim of paper keeps figures readable where a hairline runs behind them.
        self._draw.text(
            (x * SCALE, y * SCALE),
            words,
            fill=colour,
            font=_font(family, size),
            anchor=anchor,
            stroke_width=4 * SCALE,
            stroke_fill=PAPER,
        )


LEFT, RIGHT, TOP = 118.0, 56.0, 96.0
FOOT, FOOT_WITH_GROUPS = 84.0, 128.0
GAP = 108.0  # between two panels: room for the lower one's unit
NAME_ROOM = 96.0  # right of the plot, for the names of several lines


def _draw_bars(
    pen: _Pen, panel: Panel, xs: Sequence[float], ys: Sequence[float], floor: float
) -> None:
    series = panel.series[0]
    half = (xs[1] - xs[0]) * 0.29
    for at, (x, y) in enumerate(zip(xs, ys, strict=True)):
        latest = at == len(xs) - 1
        pen.bar(x - half, y, x + half, floor, series.colour if latest else BAR)
        if at in series.marked:
            words = f"{series.values[at]:.{panel.decimals}f}"
            colour = series.colour if latest else MUTED
            pen.text(x, y - 10, words, anchor="ms", colour=colour, size=25)


def _draw_line(
    pen: _Pen, panel: Panel, series: Series, xs: Sequence[float], ys: Sequence[float]
) -> None:
    pen.line(list(zip(xs, ys, strict=True)), series.colour, 4 if series.colour != MUTED else 3)
    upper = series is panel.series[-1]  # the last drawn line carries its numbers above
    for at in series.marked:
        pen.dot(xs[at], ys[at], 6, series.colour)
        # A number stands where the line does not: under a point that the line falls to.
        falling = at > 0 and series.values[at] < series.values[at - 1]
        below = falling or not upper
        words = f"{series.values[at]:.{panel.decimals}f}"
        y = ys[at] + 18 if below else ys[at] - 18
        anchor = "ma" if below else "ms"
        pen.text(xs[at], y, words, anchor=anchor, colour=series.colour, size=25)
    if series.name:
        x, y = xs[-1] + 26, ys[-1]
        pen.text(x, y, series.name, anchor="lm", colour=series.colour, family=SERIF)


def _draw_panel(
    pen: _Pen, panel: Panel, count: int, top: float, bottom: float, right: float
) -> list[float]:
    """Draw one panel between two heights; returns where its periods stand."""
    lowest, highest = panel.ticks[0], panel.ticks[-1]

    def height(value: float) -> float:
        return bottom - (value - lowest) / (highest - lowest) * (bottom - top)

    pen.text(LEFT - 72, top - 46, panel.unit, anchor="ls", colour=INK, family=SERIF)
    tick_decimals = 1 if any(tick != round(tick) for tick in panel.ticks) else 0
    for tick in panel.ticks:
        y = height(tick)
        base = tick == lowest
        pen.line([(LEFT, y), (right, y)], MUTED if base else HAIRLINE, 2 if base else 1.5)
        words = f"{tick:.{tick_decimals}f}"
        pen.text(LEFT - 16, y, words, anchor="rm", colour=MUTED, size=24)
    step = (right - LEFT) / count
    xs = [LEFT + step * (at + 0.5) for at in range(count)]
    for series in panel.series:
        if len(series.values) != count:
            raise ValueError(f"{panel.unit}: {len(series.values)} values for {count} periods")
        ys = [height(value) for value in series.values]
        if panel.bars:
            _draw_bars(pen, panel, xs, ys, bottom)
        else:
            _draw_line(pen, panel, series, xs, ys)
    return xs


def draw(chart: Chart) -> Image.Image:
    """The finished picture, 1600 × 900, in a small palette."""
    pen = _Pen()
    named = any(series.name for panel in chart.panels for series in panel.series)
    right = SIZE[0] - RIGHT - (NAME_ROOM if named else 0)
    foot = SIZE[1] - (FOOT_WITH_GROUPS if chart.groups else FOOT)
    room = foot - TOP - GAP * (len(chart.panels) - 1)
    weights = sum(panel.weight for panel in chart.panels)
    top, xs = TOP, list[float]()
    for panel in chart.panels:
        bottom = top + room * panel.weight / weights
        xs = _draw_panel(pen, panel, len(chart.periods), top, bottom, right)
        top = bottom + GAP
    for x, words in zip(xs, chart.periods, strict=True):
        pen.text(x, foot + 18, words, anchor="ma", colour=INK, size=25)
    half = (xs[1] - xs[0]) / 2
    for at, words in chart.groups.items():
        if at:
            pen.line([(xs[at] - half, foot), (xs[at] - half, foot + 92)], HAIRLINE, 2)
        pen.text(xs[at] - half + 16, foot + 62, words, anchor="la", colour=MUTED, family=SERIF)
    reduced = pen.image.resize(SIZE, Image.Resampling.LANCZOS)
    return reduced.quantize(palette=_palette(), dither=Image.Dither.NONE)


def main() -> None:
    """Draw every figure and write it into its issue's folder."""
    for chart in CHARTS:
        target = FOLDER / chart.name
        target.parent.mkdir(exist_ok=True)
        draw(chart).save(target, optimize=True)
        sys.stdout.write(f"{chart.name}: {target.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
