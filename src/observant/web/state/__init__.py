"""What the server remembers by itself: accounts, invitations, attempts to sign in, visits. No evidence."""
