"""Questions about AWS organizations and Identity Center."""
