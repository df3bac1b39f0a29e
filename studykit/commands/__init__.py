"""One command per file: `EXAMPLE`, `add_arguments(parser)` and `run(arguments) -> exit code`.

A command may also have `prepare(arguments) -> arguments`, which sees what was typed before it is parsed.

The modules are imported to build the parser, so each imports what it works with inside `run`.
"""
