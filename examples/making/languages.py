"""`sprachen.pdf`: a page in German and a page in Chinese, each with a small table."""

from __future__ import annotations

from .canvas import AMBER, LAGOON, MIST, SEA, SLATE, Canvas
from .flow import Flow, Frame, Heading
from .record import Example, Question
from .setting import Style
from .tables import Column, Look, Row, table

LEFT, RIGHT = 76.0, 519.0
WIDTH = RIGHT - LEFT

# ¦ marks where a long word may be divided.
GERMAN = {
    "Warum nachts laden?": [
        "Wenn auf der Insel die Lichter ausgehen, erzeugt der Windpark auf dem Hohlrücken mehr Strom, als die "
        "Haushalte verbrauchen können. Früher wurden die Wind¦kraft¦anlagen deshalb zeitweise abgeschaltet. Seit dem "
        "14. März 2024 fließt der Überschuss in die Nacht¦speicher¦anlage und von dort in die Fähr¦schiffs¦batterien.",
        "Eine vollständig geladene Anlage reicht für elf Überfahrten nach Osse. Die Lade¦säulen¦über¦wachung arbeitet "
        "selbst¦tätig; ein Matrose genügt, um das Ladekabel anzu¦schließen.",
    ],
    "Technische Daten": [],
    "Lärm und Sicherheit": [
        "Die Schall¦schutz¦maß¦nahmen haben sich bewährt: Am Kai sank der Geräusch¦pegel von 71 auf 54 Dezibel. Die "
        "Brand¦schutz¦übung der Freiwilligen Feuer¦wehr im Juni verlief ohne Bean¦standungen. Größere Störungen gab "
        "es nicht, wohl aber einen Möwen¦schwarm, der sich auf der warmen Lüftungs¦öffnung niederließ und nur mit "
        "Mühe zum Weiter¦ziehen zu bewegen war.",
    ],
    "Was als Nächstes geschieht": [
        "Für das Frühjahr 2026 ist in Osse eine zweite Anlage mit 12 Mega¦watt¦stunden vorgesehen. Die "
        "Genehmigungs¦unter¦lagen liegen bis zum 30. September 2024 im Gemeindeamt aus. Einwendungen nimmt die "
        "Hafen¦meisterei schriftlich entgegen.",
    ],
    "Besichtigung": [
        "Jeden ersten Samstag im Monat um 15 Uhr führt die Hafen¦meisterin durch die Batterie¦halle. Festes "
        "Schuhwerk und Gehör¦schutz werden empfohlen, Letzterer nur wegen des alten Diesel¦motors, der zum Vergleich "
        "angelassen wird.",
    ],
}
DATA = [
    ("Speicherkapazität", "18 MWh"),
    ("Höchste Ladeleistung", "6 MW"),
    ("Grundfläche der Batteriehalle", "640 m²"),
    ("Bauzeit", "11 Monate"),
    ("Baukosten", "7,4 Mio. €"),
    ("Erwartete Lebensdauer", "15 Jahre"),
]
TRIPS = [
    ("空心礁线", "奥斯港", "2小时30分", "28欧元", "14欧元"),
    ("长燕鸥礁线", "奥斯港", "3小时", "32欧元", "16欧元"),
    ("灰女礁线", "布兰内特港", "2小时", "24欧元", "12欧元"),
    ("小燕鸥岛线", "马尔港", "1小时40分", "20欧元", "10欧元"),
]
RULES = [
    "每班小艇最多载客36人，请至少提前三天订票。",
    "船上只使用红色灯光，请关闭手机屏幕和闪光灯。",
    "请不要触摸或刮取地衣，它一年只生长一毫米。",
    "风力超过六级时停航，票款全额退还。",
]


def make() -> Example:
    """Draw both pages."""
    example = Example("sprachen.pdf", "Nachtspeicheranlage Brannet / 潮汐地衣夜游指南", "Quillmere Lines plc")
    _german(example, example.page())
    _chinese(example, example.page())
    example.questions += QUESTIONS
    return example


def _german(example: Example, canvas: Canvas) -> None:
    canvas.area(0, 0, 595, 10, SEA)
    headings = (
        Heading(Style("sans", 21, 27, SEA, bold=True), 0, 2),
        Heading(Style("sans", 12.5, 17, SEA, bold=True), 12, 3),
    )
    body = Style("serif", 11.2, 16)
    flow = Flow(example, [Frame(canvas, LEFT, 74)], WIDTH, body=body, headings=headings, justify=True)
    flow.heading(1, "Nachtspeicheranlage im Fährhafen Brannet")
    flow.p(
        "Kurzbericht für die Inselgemeinden, Ausgabe Sommer 2024", style=Style("serif", 12.5, 17, SLATE, italic=True)
    )
    flow.canvas.rule(LEFT, flow.y + 2, RIGHT, flow.y + 2)
    flow.space(6)
    for number, (title, paragraphs) in enumerate(GERMAN.items(), 1):
        flow.heading(2, f"{number} {title}")
        for text in paragraphs:
            flow.p(text.replace("¦", "\u00ad"), key=f"german.{number}")
        if not paragraphs:
            top = flow.y
            flow.p("**Tabelle 1:** Technische Daten der Anlage", style=Style("sans", 9.4, 13, SLATE), gap=4)
            look = Look(Style("sans", 9.8, 13), 20, "rows", SEA)
            rows = [Row(("Kenngröße", "Wert"), "header"), *(Row(row) for row in DATA)]
            box = table(canvas, LEFT, flow.y, (Column(WIDTH - 150), Column(150, "right")), rows, look)
            canvas.mark("german table", box | (LEFT, top, box.x1, box.y1))
            flow.y = box.y1 + 6
    canvas.text(LEFT, 806, "Hafenmeisterei Brannet, Ankerstraße 2", Style("sans", 9, 12, SLATE))
    canvas.text(RIGHT, 806, "Seite 1", Style("sans", 9, 12, SLATE), "right")
    canvas.finish()


def _chinese(example: Example, canvas: Canvas) -> None:
    canvas.area(0, 0, 595, 10, LAGOON)
    headings = (Heading(Style("han", 26, 34, SEA), 0, 2), Heading(Style("han", 15, 21, SEA), 14, 5))
    body = Style("han", 11.5, 20)
    flow = Flow(example, [Frame(canvas, LEFT, 70)], WIDTH, body=body, headings=headings, justify=True)
    flow.heading(1, "潮汐地衣夜游指南")
    flow.p("奎尔米尔群岛，2025年夜航季", style=Style("han", 13, 19, SLATE))
    canvas.rule(LEFT, flow.y + 2, LEFT + 60, flow.y + 2, AMBER, 3)
    flow.space(14)
    flow.p(
        "每年四月到十月，礁石上的潮汐地衣会在夜里发出柔和的绿光。奎尔米尔航运公司的小艇“水鸟号”带您从港口出发，在安静的海面上观看这片微光。"
    )
    flow.heading(2, "一、什么时候最亮")
    flow.p(
        "地衣的亮度随潮汐变化，高潮过后约两小时最亮。大潮期间雨夜的亮度几乎是小潮期间晴夜的四倍。因此，每晚的开船时间由当天的高潮时间决定，出发前请看码头告示。",
        key="chinese.1",
    )
    flow.heading(2, "二、班次与票价")
    top = flow.y
    flow.p("表1：2025年夜航班次与票价", style=Style("han", 10, 14, SLATE), gap=4)
    columns = (Column(103), *(Column(85, "center") for _ in range(4)))
    rows = [Row(("航线", "出发港", "航程", "成人票", "儿童票"), "header"), *(Row(trip) for trip in TRIPS)]
    look = Look(Style("han", 10.5, 15), 24, "grid", SEA, MIST)
    box = table(canvas, LEFT, flow.y, columns, rows, look)
    canvas.mark("chinese table", box | (LEFT, top, box.x1, box.y1))
    flow.y = box.y1 + 4
    flow.heading(2, "三、乘船须知")
    flow.bullets(RULES, key="rule", gap=3)
    flow.heading(2, "四、联系方式")
    flow.p("夜航办公室设在布兰内特港绞盘街4号，四月至十月每天14时至20时开放。", key="chinese.4", gap=0)
    flow.p("邮箱：night@quillmere.example")
    canvas.text(LEFT, 806, "奎尔米尔航运公司", Style("han", 9, 12, SLATE))
    canvas.text(RIGHT, 806, "第2页", Style("han", 9, 12, SLATE), "right")
    canvas.finish()


QUESTIONS = [
    Question(
        "Wie groß ist die Grundfläche der Batteriehalle?",
        "640 m²",
        "Str",
        {"german table": "table"},
        "Grundfläche der Batteriehalle 640 m²",
        "corpus",
    ),
    Question(
        "Bis wann liegen die Genehmigungsunterlagen im Gemeindeamt aus?",
        "30. September 2024",
        "Str",
        {"german.4": "text"},
        "Die Genehmigungsunterlagen liegen bis zum 30. September 2024 im Gemeindeamt aus.",
        "corpus",
    ),
    Question(
        "空心礁线的成人票多少钱？",
        "28欧元",
        "Str",
        {"chinese table": "table"},
        "空心礁线 奥斯港 2小时30分 28欧元 14欧元",
        "corpus",
    ),
    Question(
        "风力超过几级时停航？",
        "六级",
        "Str",
        {"rule.4": "text"},
        "风力超过六级时停航，票款全额退还。",
        "corpus",
    ),
]
