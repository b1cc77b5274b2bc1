"""What a case is, where it belongs and who may touch it; pure."""
