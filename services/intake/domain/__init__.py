"""What is a complaint, and what may happen to it? Pure: no clock, no I/O, no framework."""
