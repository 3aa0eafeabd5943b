"""Access reviews, end to end: open, decide, sign, close. Drafts lie in the workspace, everything signed in the log."""
