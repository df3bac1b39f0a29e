"""How studykit looks: one dark and one light theme. Textual's own can be chosen in the settings."""

from textual.theme import Theme

DARK = Theme(
    name="studykit",
    primary="#7aa2d8",
    secondary="#8fb8a8",
    accent="#e0b070",
    warning="#e0b070",
    error="#e0777d",
    success="#8cc084",
    foreground="#d9dce3",
    background="#14171c",
    surface="#1b1f26",
    panel="#242a33",
    dark=True,
    variables={
        "block-cursor-background": "#35507a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "border": "#7aa2d8",
        "border-blurred": "#3a424f",
        "input-selection-background": "#7aa2d8 35%",
    },
)

LIGHT = Theme(
    name="studykit-light",
    primary="#2a5aa0",
    secondary="#2f6f5e",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#a8323a",
    success="#2f6f2a",
    foreground="#1f242c",
    background="#fbfaf7",
    surface="#f1efe9",
    panel="#e6e3db",
    dark=False,
    variables={
        "block-cursor-background": "#2a5aa0",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "border": "#2a5aa0",
        "border-blurred": "#b9b5aa",
        "input-selection-background": "#2a5aa0 25%",
    },
)
