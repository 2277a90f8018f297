"""Line charts as SVG, without a library: two logarithmic axes, a legend, nothing else."""

import math

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 40, 48
COLOURS = ("#0b6e4f", "#c1440e", "#3d5a98", "#8a5a9e", "#7a7a2e")


class Chart:
    """`x` and `y`: (title, lowest, highest, marks as a list of (value, text))."""

    def __init__(self, title, x, y):
        self.title, self.x, self.y = title, x, y
        self.lines = []

    def add(self, name, points):
        self.lines.append((name, points))

    def svg(self):
        parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                 'font-family="sans-serif" font-size="12">',
                 f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
                 text(LEFT, 22, self.title, size=15)]
        parts += self._grid()
        for index, (name, points) in enumerate(self.lines):
            parts += self._line(index, name, points)
        return "\n".join(parts) + "\n</svg>\n"

    def _grid(self):
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for value, word in self.x[3]:
            at = self._x(value)
            yield f'<path d="M{at:.1f} {TOP}V{bottom}" stroke="#ddd"/>'
            yield text(at, bottom + 18, word, anchor="middle")
        for value, word in self.y[3]:
            at = self._y(value)
            yield f'<path d="M{LEFT} {at:.1f}H{right}" stroke="#ddd"/>'
            yield text(LEFT - 6, at + 4, word, anchor="end")
        yield text((LEFT + right) / 2, HEIGHT - 8, self.x[0], anchor="middle")
        yield text(8, TOP - 6, self.y[0])

    def _line(self, index, name, points):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        at = TOP + 16 + 18 * index
        yield f'<path d="M{LEFT + 14} {at - 4}h22" stroke="{colour}" stroke-width="2"/>'
        yield text(LEFT + 42, at, name)

    def _x(self, value):
        return LEFT + part(value, self.x) * (WIDTH - LEFT - RIGHT)

    def _y(self, value):
        return HEIGHT - BOTTOM - part(value, self.y) * (HEIGHT - TOP - BOTTOM)


def part(value, axis):
    _, low, high, _ = axis
    value = min(max(value, low), high)
    return math.log(value / low) / math.log(high / low)


def text(x, y, words, anchor="start", size=12):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'
