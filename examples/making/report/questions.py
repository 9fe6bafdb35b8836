"""What may be asked of the annual report."""

from __future__ import annotations

from ..record import Question

QUESTIONS = [
    Question(
        "Who will succeed Tobin Ashgrove as chief executive of Quillmere Lines?",
        "Marit Oskendal",
        "Str",
        {"successor": "text"},
        "His successor is Marit Oskendal, now head of operations.",
        "corpus",
    ),
    Question(
        "When did the night charging station at Brannet Harbour open?",
        "14 March 2024",
        "Str",
        {"station": "text"},
        "The night charging station at Brannet Harbour opened on 14 March 2024.",
    ),
    Question(
        "Which two car ferries came back from conversion in 2024?",
        "['Lapwing', 'Dunlin']",
        "List",
        {"fleet mix": "text"},
        "Two car ferries, the Lapwing and the Dunlin, returned from conversion in 2024 and have sailed without a "
        "funnel since.",
    ),
    Question(
        "What were the harbour dues of Quillmere Lines in 2024, in millions of euros?",
        "13.6",
        "Float",
        {"income": "table"},
        "Harbour dues (13.6) (12.9)",
        "corpus",
    ),
    Question(
        "What was the net debt of Quillmere Lines in 2022, in millions of euros?",
        "78.1",
        "Float",
        {"five years": "table"},
        "Net debt 61.0 66.4 78.1 89.3 80.5",
        "corpus",
    ),
    Question(
        "How much of the energy and fuel cost of 2024 was for shore power, in millions of euros?",
        "4.2",
        "Float",
        {"shore power": "text"},
        "Includes 4.2 million euros for shore power (2023: 1.1 million euros).",
    ),
    Question(
        "In what year was the Turnstone built?",
        "2020",
        "Int",
        {"fleet 2": "table"},
        "Turnstone Passenger ferry 2020 45.6 340 0 Battery Marl",
    ),
    Question(
        "How many vessels in the fleet register have Little Tern as their home port?",
        "4",
        "Int",
        {"fleet 1": "table", "fleet 2": "table"},
        "Dabchick, Kittiwake, Puffin, Storm Tern",
    ),
    Question(
        "How many thousand passengers used the Marl–Little Tern route in 2023?",
        "1250",
        "Int",
        {"routes chart": "chart"},
        "1,250",
    ),
    Question(
        "What was the carbon per passenger trip on the Osse–Brannet route in 2022, in kg CO2e?",
        "2.1",
        "Float",
        {"carbon chart": "chart"},
        "2.1",
    ),
    Question("What salary did the chief executive receive in 2024?", "Not answerable", "None", {}),
]
