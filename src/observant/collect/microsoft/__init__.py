"""What Entra ID and Azure have in common: how to become a caller, and how to ask Graph and ARM and stay on record."""
