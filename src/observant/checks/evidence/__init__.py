"""Questions about the evidence itself."""
