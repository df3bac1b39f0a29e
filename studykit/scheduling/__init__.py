"""When a card is seen again: pure functions of what is remembered and what day it is."""
