"""Questions about AWS accounts."""
