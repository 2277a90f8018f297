"""What a scenario found: faults that must not be, remarks, figures."""

MOST_EXAMPLES = 4


class Report:
    """Faults are counted by kind; of each kind the first few are kept in words."""

    def __init__(self):
        self.counts = {}
        self.examples = {}
        self.remarks = []
        self.figures = {}

    def fault(self, kind, text="", count=1):
        self.counts[kind] = self.counts.get(kind, 0) + count
        examples = self.examples.setdefault(kind, [])
        if text and len(examples) < MOST_EXAMPLES:
            examples.append(text)

    def remark(self, text):
        if text not in self.remarks:
            self.remarks.append(text)

    def add(self, figure, count=1):
        self.figures[figure] = self.figures.get(figure, 0) + count

    @property
    def failed(self):
        return bool(self.counts)

    def summary(self):
        return ", ".join(f"{value:,} {name}" if isinstance(value, int) else f"{name} {value}"
                         for name, value in self.figures.items())

    def lines(self):
        for kind, count in self.counts.items():
            yield f"{kind}: {count}"
            for example in self.examples[kind]:
                yield f"    {example}"
        for remark in self.remarks:
            yield f"remark: {remark}"


def ranges(numbers):
    """'3, 7-9' for sorted numbers."""
    spans = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in spans[:6]]
    return ", ".join(words) + (f" and {len(spans) - 6} ranges more" if len(spans) > 6 else "")
