"""Two small catalogues: French, and a Bambara that says some of it, some of it doubtfully."""

FRENCH = """\
msgid ""
msgstr ""
"Language: fr\\n"

msgid "thanks"
msgstr "Merci, 100 % reçu."

msgid "stock.quantity"
msgstr "{product} : combien en reste-t-il, {name} ?"

msgid "stock.days"
msgstr "Depuis combien de jours ?"

msgid "keyword.stop"
msgstr "STOP, ARRÊT,"

msgid "unwritten"
msgstr ""
"""

BAMBARA = """\
msgctxt "thanks"
msgid "Merci, 100 % reçu."
msgstr "I ni ce, 100 % sɔrɔla."

# needs-review: composed by Awa
msgctxt "stock.quantity"
msgid "{product} : combien en reste-t-il, {name} ?"
msgstr "{name}, {product} tɔ joli?"

#, fuzzy
msgctxt "stock.days"
msgid "Depuis combien de jours ?"
msgstr "Tile joli?"

msgctxt "keyword.stop"
msgid "STOP"
msgstr "DABILA, A bali"

msgctxt "gone"
msgid "Ancien"
msgstr "Kɔrɔ"
"""
