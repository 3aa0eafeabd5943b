"""What follows from the tables of AWS accounts, over time: what everybody may do, and what is recorded and kept."""
