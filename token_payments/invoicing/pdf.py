"""An order's document as PDF. Import it where it is needed: reportlab takes time to load.

The text is DejaVu Sans, embedded: Latin, Greek, Cyrillic, Armenian, Georgian and every sign of
money. What the font lacks (Chinese, Japanese, Korean, Indic and Thai letters, emoji) is drawn as an
empty box, although it can be searched for and copied. Arabic and Hebrew are drawn letter by letter
from left to right, unjoined. Readers of such scripts print the page instead: browsers can do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import get_language, gettext
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepInFrame,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from token_payments.invoicing.pdf_style import (
    BOLD,
    FOOT,
    INK,
    LINE,
    MARGIN,
    MUTED,
    NUMBER_WIDTHS,
    PAD,
    PLAIN,
    SOFT,
    WIDTH,
    clean,
    fit,
    list_flush,
    make_canvas,
    make_heading_style,
    make_label_style,
    make_mark_style,
    make_paragraph,
    make_style,
    register_fonts,
    write_colour,
    write_markup,
)
from token_payments.invoicing.wording import DocumentTexts, Sum

GAP = 8 * mm  # between two columns
TALLEST = A4[1] / 2
SPLIT_FROM = 24  # points of a row that must fit before a page's end for it to be broken there
TABLE_STYLE = (
    ("FONTNAME", (0, 0), (-1, -1), PLAIN),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
    ("BACKGROUND", (0, 0), (-1, 0), SOFT),
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
    ("LEFTPADDING", (0, 0), (-1, -1), PAD),
    ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
    ("TOPPADDING", (0, 0), (-1, -1), 5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
)


def draw(texts: DocumentTexts) -> bytes:
    """The PDF: A4, searchable, with its title and language; pages are numbered."""
    register_fonts()
    file = BytesIO()
    template = BaseDocTemplate(
        file,
        pagesize=A4,
        pageTemplates=[PageTemplate(frames=[_make_frame()])],
        title=clean(texts.full_title),
        author=clean(texts.seller_name),
        subject=clean(texts.lines[0].name),
        creator="token_payments",
        lang=get_language() or "en",
        initialFontName=PLAIN,
    )
    template.build(_list_parts(texts), canvasmaker=make_canvas(texts))
    return file.getvalue()


def _make_frame() -> Frame:
    """All of a page but its margins and its foot."""
    bottom = MARGIN + FOOT
    return Frame(
        MARGIN,
        bottom,
        WIDTH,
        A4[1] - MARGIN - bottom,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


def _list_parts(texts: DocumentTexts) -> list[Flowable]:
    parts = [_make_top(texts), Spacer(0, 7 * mm), _make_parties(texts), Spacer(0, 8 * mm)]
    parts += [_make_lines(texts), *_make_sums(texts.sums)]
    if texts.credits or texts.credit_sums:
        parts += _make_heading(gettext("Cancellations and refunds"))
        parts += [_make_credits(texts)] if texts.credits else []
        parts += _make_sums(texts.credit_sums)
    if texts.remark:
        parts += [Spacer(0, 6 * mm), make_paragraph(texts.remark, make_style(colour=MUTED))]
    if texts.bank:
        parts += _make_heading(gettext("Payment details"))
        parts += [make_paragraph(line, make_style()) for line in texts.bank]
    if texts.footer:
        parts += [Spacer(0, 6 * mm), make_paragraph(texts.footer, make_style(size=8, colour=MUTED))]
    return parts


def _make_heading(text: str) -> list[Flowable]:
    """Never the last line of a page."""
    return [
        CondPageBreak(38 * mm),
        Spacer(0, 6 * mm),
        make_paragraph(text, make_heading_style()),
    ]


def _make_top(texts: DocumentTexts) -> Table:
    """The document's name beside its seller."""
    name = [
        make_paragraph(texts.title, make_style(size=22, font=BOLD)),
        make_paragraph(texts.number, make_style(size=11, colour=MUTED)),
    ]
    if texts.mark:
        name.append(make_paragraph(texts.mark.upper(), make_mark_style()))
    seller = [make_paragraph(texts.seller_name, make_style(size=11, font=BOLD, right=True))]
    small = make_style(size=8.5, colour=MUTED, right=True)
    seller += [make_paragraph(line, small) for line in texts.seller_address]
    seller += [make_paragraph(line, small) for line in texts.seller_contact]
    return _side_by_side(name, seller, rule=True)


def _make_parties(texts: DocumentTexts) -> Table:
    """The billed party, beside the facts."""
    label = make_label_style()
    billed = [make_paragraph(gettext("Billed to"), label)]
    billed += [
        make_paragraph(line, make_style(font=BOLD if number == 0 else PLAIN))
        for number, line in enumerate(texts.billed_to)
    ]
    rows = [[make_paragraph(fact.label, label), make_paragraph(fact.text)] for fact in texts.facts]
    half = (WIDTH - GAP) / 2
    facts = Table(rows, colWidths=[half * 0.4, half * 0.6])
    facts.setStyle([*list_flush(), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return _side_by_side(billed, [facts])


def _side_by_side(
    left: Sequence[Flowable], right: Sequence[Flowable], *, rule: bool = False
) -> Table:
    """Two columns in one row, drawn smaller should they not fit: such a row can't be split."""
    half = (WIDTH - GAP) / 2
    cells = [KeepInFrame(half, TALLEST, list(side), mode="shrink") for side in (left, right)]
    table = Table([cells], colWidths=[half + GAP, half])
    ruled = [("LINEBELOW", (0, 0), (-1, -1), 0.75, INK), ("BOTTOMPADDING", (0, 0), (-1, -1), 12)]
    table.setStyle([*list_flush(), ("VALIGN", (0, 0), (-1, -1), "TOP"), *(ruled if rule else [])])
    return table


def _make_lines(texts: DocumentTexts) -> LongTable:
    numbers = [[line.quantity, line.unit_price, line.amount] for line in texts.lines]
    headings = [gettext("Tokens"), gettext("Price per token"), texts.amount_heading]
    rows = []
    for line, cells in zip(texts.lines, numbers, strict=True):
        what = f'<font name="{BOLD}">{write_markup(line.name)}</font>'
        if line.description:
            small = f'<font size="8.5" color="{write_colour(MUTED)}">'
            what += f"<br/>{small}{write_markup(line.description)}</font>"
        rows.append([Paragraph(what, make_style()), *cells])
    return _make_table([gettext("Description"), *headings], rows, texts_before=1)


def _make_credits(texts: DocumentTexts) -> LongTable:
    headings = [gettext("Date"), gettext("What"), texts.credit_heading]
    rows = [[credit.day, make_paragraph(credit.what), credit.amount] for credit in texts.credits]
    return _make_table(headings, rows, texts_before=2)


def _make_table(
    headings: Sequence[str], rows: Sequence[Sequence[Any]], *, texts_before: int
) -> LongTable:
    """Texts, then numbers; the headings stand on every page again.

    A column of plain texts is as wide as they need; the paragraphs share what is left.
    """
    first = rows[0]
    fitted = {
        column: fit([headings[column], *(row[column] for row in rows)])
        for column, cell in enumerate(first)
        if isinstance(cell, str)
    }
    rest = (WIDTH - sum(fitted.values())) / (len(headings) - len(fitted))
    body = [
        [
            make_paragraph(cell, make_style(right=column >= texts_before))
            if isinstance(cell, str)
            else cell
            for column, cell in enumerate(row)
        ]
        for row in rows
    ]
    head = [
        make_paragraph(text, make_style(size=8.5, font=BOLD, right=column >= texts_before))
        for column, text in enumerate(headings)
    ]
    widths = [fitted.get(column, rest) for column in range(len(headings))]
    table = LongTable([head, *body], colWidths=widths, repeatRows=1, splitInRow=SPLIT_FROM)
    table.setStyle(TABLE_STYLE)
    return table


def _make_sums(sums: Sequence[Sum]) -> list[Flowable]:
    """Rows at the right-hand side; the strong one below a rule."""
    if not sums:
        return []
    rows = []
    for row in sums:
        font = BOLD if row.is_strong else PLAIN
        size = 10.5 if row.is_strong else 9.5
        rows.append(
            [
                make_paragraph(row.label, make_style(size=size, font=font)),
                make_paragraph(row.amount, make_style(size=size, font=font, right=True)),
            ]
        )
    amounts = max(
        NUMBER_WIDTHS[1], *(stringWidth(row.amount, BOLD, 10.5) + 3 * PAD for row in sums)
    )
    amounts = min(amounts, WIDTH / 2)
    table = Table(rows, colWidths=[42 * mm, amounts], hAlign="RIGHT")
    strong = [number for number, row in enumerate(sums) if row.is_strong]
    table.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), PLAIN),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("NOSPLIT", (0, 0), (-1, -1)),
            ("LEFTPADDING", (0, 0), (-1, -1), PAD),
            ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
            *(("LINEABOVE", (0, number), (-1, number), 0.75, INK) for number in strong),
        ]
    )
    return [Spacer(0, 2 * mm), table]
