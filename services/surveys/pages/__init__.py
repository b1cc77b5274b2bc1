"""What does the customer see? The form, thanks, and why there is nothing to answer."""
