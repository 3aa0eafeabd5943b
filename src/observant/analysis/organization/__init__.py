"""What follows from the tables of an AWS organization: which policy restricts whom, and whether somebody looks."""
