"""Changes of access and the tickets and pull requests that they were made for, in both directions."""
