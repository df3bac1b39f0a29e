"""What things in a library may be called."""

import re

ID = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
"""A track, a topic, or a card within its deck."""

DECK_ID = re.compile(rf"{ID.pattern}/{ID.pattern}")
CARD_ID = re.compile(rf"{DECK_ID.pattern}/{ID.pattern}")
