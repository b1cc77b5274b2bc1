"""One service process: what it is made of, what starts and stops in which order, and its HTTP side."""
