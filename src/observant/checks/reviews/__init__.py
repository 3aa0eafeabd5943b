"""Questions about access reviews and what came of them."""
