"""How the PDF of a document looks: its font, its styles, and the foot of every page."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from token_payments.invoicing.wording import DocumentTexts

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "TokenPaymentsSans", "TokenPaymentsSansBold"
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
FOOT = 4 * mm  # a page's foot stands in the margin, and in so much above it
INK, MUTED, LINE, SOFT, WRONG = map(
    HexColor, ("#1b2430", "#55606e", "#c9d0d8", "#f1f4f8", "#b3261e")
)
PAD = 2 * mm
NUMBER_WIDTHS = (16 * mm, 42 * mm)  # a column of numbers is as wide as they need, within these
LONGEST = 200  # characters of a page's foot that are measured at all
KEPT_OUT = {"Cc", "Cf", "Cn", "Co", "Cs"}  # categories of characters that print nothing


@cache
def register_fonts() -> None:
    registerFont(TTFont(PLAIN, FONTS / "DejaVuSans.ttf"))
    registerFont(TTFont(BOLD, FONTS / "DejaVuSans-Bold.ttf"))


def clean(text: str) -> str:
    """Text that a PDF can show: no control characters, and spaces of numbers that don't break."""
    text = text.replace("\u202f", "\u00a0")  # reportlab would break a line there
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in KEPT_OUT)


def write_markup(text: str) -> str:
    """As reportlab's paragraphs take it: nothing in a text is a tag."""
    return escape(clean(text)).replace("\n", "<br/>")


def make_paragraph(text: str, style: ParagraphStyle | None = None) -> Paragraph:
    return Paragraph(write_markup(text), style or make_style())


@cache
def make_style(
    *, size: float = 9.5, font: str = PLAIN, colour: Any = INK, right: bool = False
) -> ParagraphStyle:
    style = ParagraphStyle(
        f"{font}{size}{right}", fontName=font, fontSize=size, leading=size * 1.35, textColor=colour
    )
    if right:
        style.alignment = TA_RIGHT
    return style


def make_label_style() -> ParagraphStyle:
    """Small, on the lines of the text beside it."""
    text = make_style()
    small = make_style(size=8.5, colour=MUTED)
    return ParagraphStyle("label", parent=small, leading=text.leading)


def make_heading_style() -> ParagraphStyle:
    return ParagraphStyle("heading", parent=make_style(size=11, font=BOLD), spaceAfter=5)


def make_mark_style() -> ParagraphStyle:
    return ParagraphStyle(
        "mark", parent=make_style(size=12, font=BOLD, colour=WRONG), spaceBefore=6
    )


def fit(cells: Sequence[str]) -> float:
    """The width that the longest of some short texts needs."""
    least, most = NUMBER_WIDTHS
    longest = max(stringWidth(clean(cell), BOLD, 9.5) for cell in cells) + 2 * PAD + 1
    return float(min(max(longest, least), most))


def list_flush() -> list[tuple[Any, ...]]:
    """Cells without padding at their sides."""
    return [
        ("FONTNAME", (0, 0), (-1, -1), PLAIN),  # reportlab would name its own, which isn't embedded
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]


def write_colour(colour: Any) -> str:
    return f"#{colour.hexval()[2:]}"


def make_canvas(texts: DocumentTexts) -> type[Canvas]:
    """A canvas that knows at the end how many pages there are, and numbers them."""
    left = clean(" · ".join(part for part in (texts.full_title, texts.seller_name) if part))

    class NumberedCanvas(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.setViewerPreference("DisplayDocTitle", "true")
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self.pages, start=1):
                self.__dict__.update(page)
                _draw_foot(self, left, number, len(self.pages))
                super().showPage()
            super().save()

    return NumberedCanvas


def _draw_foot(canvas: Canvas, left: str, number: int, total: int) -> None:
    facts = {"number": number, "total": total}
    right = gettext("Page %(number)s of %(total)s") % facts
    room = WIDTH - stringWidth(right, PLAIN, 8) - 6 * mm
    canvas.setFont(PLAIN, 8)
    canvas.setFillColor(MUTED)
    canvas.drawString(MARGIN, 11 * mm, _shorten(left, room))
    canvas.drawRightString(A4[0] - MARGIN, 11 * mm, right)


def _shorten(text: str, room: float) -> str:
    if stringWidth(text[:LONGEST], PLAIN, 8) <= room and len(text) <= LONGEST:
        return text
    text = text[:LONGEST]
    while text and stringWidth(f"{text}…", PLAIN, 8) > room:
        text = text[:-1]
    return f"{text}…"
