"""What an answer of AWS becomes in a snapshot, whether it came over the wire or in a file. No input or output here."""
