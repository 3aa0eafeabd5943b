"""What an Entra tenant gives to whom, worked out from several tables at once."""
