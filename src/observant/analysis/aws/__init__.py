"""What the IAM evaluation says of everybody in an account, over time."""
