"""What is held in Azure subscriptions, worked out from several tables at once."""
