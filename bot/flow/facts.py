"""The names a flow may use for what is known, and the longest value each can have (for the screens' worst case)."""

FACTS: dict[str, str | int] = {
    "role": "district",
    "language": "fr",
    "name": "Aminata Coulibaly-Diarra",
    "unit": "CSCom de Kolondiéba Central",
    "today": "2026-11-21",
    "checkin_today": "yes",
    "checkin_status": "problem",
    "checkin_time": "23:59",
    "stock_today": "yes",
    "registered": "yes",
    "consent": "yes",
    "admission": "refused",
    "supervisor": "+22376123456",
    "supervisor_name": "Dr Fatoumata Traoré-Konaté",
    "training": "F-2026-11-21-KADIOLO",
    "training_topic": "Prise en charge du paludisme",
    "training_place": "CSCom de Kolondiéba Central",
    "training_date": "21/11 08:00",
    "quiz": "malaria",
    "quiz_training": "F-2026-11-21-KADIOLO",
    "pay_month": "11/2026",
    "service_code": "*36123#",
    "pin": "",
    "draft": "Alerte épidémie",
    "supervised": "yes",
    "open": 999,
    "asc": 9999,
    "checked": 9999,
}
"""Facts of the contact, pinned when a run begins. A number or a word; absent: unknown."""

ITEM_FACTS: dict[str, str | int] = {
    "item": "Chlorhexidine gel 7,1 %",
    "code": "SRO",
    "unit_name": "plaquette de 10",
    "last": 9999,
    "most": 9999,
    "why": "code",
    "amount": 9999,
    "heard": "XXXXXXXXXXXX",
    "told": "W" * 150,
    "number": "999999",
    "who": "Aminata Coulibaly-Diarra",
    "phone": "+22376123456",
    "last_day": "21/11",
}
"""Facts of the item a loop is at, or that was chosen from a list."""

MADE: dict[str, str | int] = {"score": 3, "report": "…", "msisdn": "+22376123456"}
"""What the engine itself counts or gathers."""

LISTS = {"products", "languages", "doubts", "candidates", "alerts", "missing", "newcomers"}
"""Lists a loop or a choice may name, besides an answer of several options."""
