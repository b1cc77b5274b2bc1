"""What do a million open clocks cost, and how late do they fire? Kesu beside a scheduler with a job each."""
