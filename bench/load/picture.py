"""Picture: bars as SVG: groups of labelled values, one colour each for the relay, the gateway and others."""

import html
import statistics

ROW, HEADING, LABEL, BAR, WIDTH, TOP = 24, 34, 290, 380, 860, 64
COLOURS = {"null relay": "#8a8f98", "ours": "#1f6feb", "other": "#b8860b"}
# A bar this many times the median is cut: one slow subject must not flatten the others.
CUT_AT_MEDIANS = 3


def colour(subject):
    if subject.startswith(("apim", "gateway", "the same")):
        return COLOURS["ours"]
    return COLOURS.get(subject, COLOURS["other"])


def draw_bar(y, label, value, text, longest):
    """`value` None: only the text, for what could not be measured."""
    is_cut = value is not None and value > longest
    wide = 0 if value is None else BAR * min(value, longest) / longest
    mark = ' stroke="white" stroke-width="3" stroke-dasharray="8 3"' if is_cut else ""
    return [f'<text x="16" y="{y + 15}">{html.escape(label)}</text>',
            f'<rect x="{LABEL}" y="{y + 3}" width="{wide:.1f}" height="16" fill="{colour(label)}"{mark}/>',
            f'<text x="{LABEL + wide + 6:.1f}" y="{y + 15}">{html.escape(text)}{" (bar cut)" if is_cut else ""}</text>']


def draw(title, subtitle, groups):
    """An SVG. `groups` is [(heading, [(label, value or None, text)])]; longer is dearer."""
    values = [value for _, bars in groups for _, value, _ in bars if value is not None]
    longest = min(max(values), CUT_AT_MEDIANS * statistics.median(values))
    parts, y = [], TOP
    for heading, bars in groups:
        parts.append(f'<text x="8" y="{y + 4}" font-weight="bold">{html.escape(heading)}</text>')
        y += HEADING - 18
        for label, value, text in bars:
            parts += draw_bar(y, label, value, text, longest)
            y += ROW
        y += 18
    size = f'width="{WIDTH}" height="{y}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">',
        f'<rect {size} fill="white"/>',
        f'<text x="8" y="20" font-size="15">{html.escape(title)}</text>',
        f'<text x="8" y="38" fill="dimgray">{html.escape(subtitle)}</text>', *parts, "</svg>", ""])
