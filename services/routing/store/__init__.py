"""Where cases are kept and how lists of them are found."""
