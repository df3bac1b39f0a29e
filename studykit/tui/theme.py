"""How studykit looks: a dark and a light theme, and both in high contrast. Textual's own can be chosen."""

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

CONTRAST = Theme(
    name="studykit-contrast",
    primary="#66d9ff",
    secondary="#7dffb0",
    accent="#ffe14d",
    warning="#ffe14d",
    error="#ffa3a3",
    success="#7dff7d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#262626",
    dark=True,
    variables={
        "block-cursor-background": "#ffe14d",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "border": "#ffffff",
        "border-blurred": "#a0a0a0",
        "text-muted": "#d0d0d0",
        "input-selection-background": "#66d9ff 50%",
    },
)

CONTRAST_LIGHT = Theme(
    name="studykit-contrast-light",
    primary="#00307a",
    secondary="#004d33",
    accent="#5c3300",
    warning="#5c3300",
    error="#8f0000",
    success="#00520a",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#e0e0e0",
    dark=False,
    variables={
        "block-cursor-background": "#000000",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "border": "#000000",
        "border-blurred": "#606060",
        "text-muted": "#303030",
        "input-selection-background": "#00307a 35%",
    },
)

OWN = (DARK, LIGHT, CONTRAST, CONTRAST_LIGHT)
