"""The program in a browser: who may come in, the page, and one process per page."""
