"""What a clock is, when it is due, and who is told when it is not kept; pure."""
