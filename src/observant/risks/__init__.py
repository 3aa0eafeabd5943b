"""The risk register: what may go wrong, how bad that is, what is done about it, and what is accepted until when."""
