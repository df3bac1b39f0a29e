"""One command per file: `EXAMPLE`, `add_arguments(parser)` and `run(arguments) -> exit code`.

The modules are imported to build the parser, so each imports what it works with inside `run`.
"""
