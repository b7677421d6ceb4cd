#!/usr/bin/env python3
"""Makes glyphs.png and glyphs.txt: the characters that pictures may show, on cells of 9x19, regular above and bold below.

usage: glyphs.py /usr/share/fonts/truetype/dejavu      (with Pillow; run it when a picture needs a character that lacks)

Letters are DejaVu Sans Mono's (free to copy, see https://dejavu-fonts.github.io/License.html); lines, blocks and braille are
drawn, so that they meet.
"""

import pathlib
import sys

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, BASELINE, COLUMNS, LEVELS = 9, 19, 14, 64, 5
RANGES = [(0x20, 0x7E), (0xA0, 0xFF), (0x2010, 0x2027), (0x2030, 0x203A), (0x2070, 0x2094), (0x2190, 0x21FF), (0x2200, 0x22FF),
          (0x2300, 0x23FA), (0x2500, 0x25FF), (0x2600, 0x2609), (0x26A0, 0x26A1), (0x2700, 0x2757), (0x2800, 0x28FF)]
# Left, right, up, down: 1 thin, 2 thick.
LINES = {"─": "1100", "━": "2200", "│": "0011", "┃": "0022", "┌": "0101", "┐": "1001", "└": "0110", "┘": "1010", "├": "0111",
         "┤": "1011", "┬": "1101", "┴": "1110", "┼": "1111", "╭": "0101", "╮": "1001", "╰": "0110", "╯": "1010", "╴": "1000",
         "╶": "0100", "╵": "0010", "╷": "0001", "╸": "2000", "╺": "0200", "╹": "0020", "╻": "0002", "┏": "0202", "┓": "2002",
         "┗": "0220", "┛": "2020", "┣": "0222", "┫": "2022", "┳": "2202", "┻": "2220", "╋": "2222", "╼": "1200", "╾": "2100"}


def lines(draw, spec):
    x, y = WIDTH // 2, HEIGHT // 2
    left, right, up, down = (int(n) for n in spec)
    for n, box in ((left, (0, y, x, y)), (right, (x, y, WIDTH, y)), (up, (x, 0, x, y)), (down, (x, y, x, HEIGHT))):
        if n:
            grown = (box[0], box[1], box[2] + (n - 1) * (box[0] == box[2]), box[3] + (n - 1) * (box[1] == box[3]))
            draw.rectangle(grown, fill=255)


def drawn(char, draw):
    """Draws what is geometry; says whether it was."""
    code = ord(char)
    if char in LINES:
        lines(draw, LINES[char])
    elif 0x2581 <= code <= 0x2588:
        draw.rectangle((0, HEIGHT - round(HEIGHT * (code - 0x2580) / 8), WIDTH, HEIGHT), fill=255)
    elif 0x2589 <= code <= 0x258F:
        draw.rectangle((0, 0, round(WIDTH * (0x2590 - code) / 8) - 1, HEIGHT), fill=255)
    elif code == 0x2580:
        draw.rectangle((0, 0, WIDTH, HEIGHT // 2 - 1), fill=255)
    elif code == 0x2590:
        draw.rectangle((WIDTH // 2, 0, WIDTH, HEIGHT), fill=255)
    elif 0x2591 <= code <= 0x2593:
        draw.rectangle((0, 0, WIDTH, HEIGHT), fill=64 * (code - 0x2590))
    elif 0x2800 <= code <= 0x28FF:
        for bit, (column, row) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]):
            if (code - 0x2800) >> bit & 1:
                x, y = 1 + column * 5, 1 + row * 5
                draw.rectangle((x, y, x + 1, y + 1), fill=255)
    else:
        return False
    return True


def cell(char, font, missing):
    image = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    if not drawn(char, draw):
        draw.text((0, BASELINE), char, font=font, fill=255, anchor="ls")
        if char.strip("\xa0 ") and (image.getbbox() is None or image.tobytes() == missing):
            return None
    return image.point(lambda v: round(v / 255 * (LEVELS - 1)) * 255 // (LEVELS - 1))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    fonts = [ImageFont.truetype(f"{sys.argv[1]}/DejaVuSansMono{bold}.ttf", 15) for bold in ("", "-Bold")]
    gaps = [Image.new("L", (WIDTH, HEIGHT)) for _ in fonts]
    for gap, font in zip(gaps, fonts):
        ImageDraw.Draw(gap).text((0, BASELINE), "\U000FFFFE", font=font, fill=255, anchor="ls")
    glyphs = {}
    for first, last in RANGES:
        for char in map(chr, range(first, last + 1)):
            cells = [cell(char, font, gap.tobytes()) for font, gap in zip(fonts, gaps)]
            if cells[0] is not None:
                glyphs[char] = [cells[0], cells[1] or cells[0]]
    rows = -(-len(glyphs) // COLUMNS)
    sheet = Image.new("L", (COLUMNS * WIDTH, 2 * rows * HEIGHT))
    for at, cells in enumerate(glyphs.values()):
        for page, image in enumerate(cells):
            sheet.paste(image, (at % COLUMNS * WIDTH, (page * rows + at // COLUMNS) * HEIGHT))
    here = pathlib.Path(__file__).parent
    sheet.save(here / "glyphs.png", optimize=True)
    (here / "glyphs.txt").write_text("".join(glyphs), encoding="utf-8")
    print(f"{len(glyphs)} characters")


if __name__ == "__main__":
    main()
