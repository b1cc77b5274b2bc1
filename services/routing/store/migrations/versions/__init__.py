"""The steps, in order; each one only adds (style guide 17)."""
