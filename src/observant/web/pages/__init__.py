"""One module per page: read from the board, give it to a template."""
