"""A statement on paper and in a spreadsheet. Its Chinese font is the reader's own: no font file is needed."""

import io
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from services.evaluation.schemas.contracts import StatementAnswer, StatementLine
from shared import spreadsheet
from shared.spreadsheet import File

FONT = "STSong-Light"
COLUMNS = [
    ("时间", "Time"),
    ("项目", "Item"),
    ("扣分", "Points"),
    ("计入", "Counted"),
    ("扣款(元)", "Yuan"),
    ("依据", "Evidence"),
]
FEN = 100
STYLE = ParagraphStyle("line", fontName=FONT, fontSize=8, leading=10, wordWrap="CJK")
HEAD = ParagraphStyle("head", parent=STYLE, fontSize=14, leading=20)


def yuan(fen: int) -> str:
    return f"{fen // FEN}.{fen % FEN:02d}"


def _cells(line: StatementLine) -> list[str]:
    return [f"{line.zh} / {line.en}", yuan(line.points_e2), yuan(line.counted_e2), yuan(line.fen), line.sources]


def totals(statement: StatementAnswer) -> list[tuple[str, str]]:
    return [
        ("月度服务费 / Monthly fee", yuan(statement.fee_month_fen)),
        ("考核得分 / Points left", yuan(statement.points_left_e2)),
        ("结算比例 / Share", statement.share),
        ("按比例应付 / Fee by share", yuan(statement.fee_share_fen)),
        ("扣款 / Deducted", yuan(statement.deducted_fen)),
        ("实付 / Payable", yuan(statement.payable_fen)),
    ]


def _name(statement: StatementAnswer) -> str:
    return f"statement-{statement.contract_id}-{statement.month}-r{statement.revision}"


def xlsx(statement: StatementAnswer, zone: ZoneInfo) -> File:
    rows: list[list[spreadsheet.Cell]] = [[line.at, *_cells(line)] for line in statement.lines]
    rows += [[None, label, None, None, value, None] for label, value in totals(statement)]
    return spreadsheet.export(spreadsheet.Table(_name(statement), COLUMNS, rows, zone), "xlsx")


def pdf(statement: StatementAnswer, zone: ZoneInfo) -> File:
    """The same statement is the same bytes: no time of printing in it."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    page = SimpleDocTemplate(out, pagesize=landscape(A4), invariant=1, title=_name(statement))
    title = f"作业企业月度考核结算单 / Monthly statement {statement.contract_id} {statement.month}, r{statement.revision}"
    table = [[_text(f"{zh} / {en}") for zh, en in COLUMNS]]
    table += [[_text(f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}"), *map(_text, _cells(line))] for line in statement.lines]
    lines = Table(table, colWidths=[90, 190, 50, 50, 70, 280], repeatRows=1)
    lines.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    sums = Table([[_text(label), _text(value)] for label, value in totals(statement)], colWidths=[280, 120], hAlign="LEFT")
    page.build([Paragraph(escape(title), HEAD), lines, sums, _text(f"SHA-256 {statement.sha256 or '-'}")])
    return File(f"{_name(statement)}.pdf", "application/pdf", out.getvalue())


def _text(text: str) -> Paragraph:
    return Paragraph(escape(text), STYLE)
