"""What does a complaint cost? Kesu beside a hand-written yardstick, on the same machine in one go."""
