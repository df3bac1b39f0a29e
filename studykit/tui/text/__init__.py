"""From deck text to styled lines: pure functions and values, no widgets."""
