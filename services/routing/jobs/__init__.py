"""What time starts in routing: looking for causes that come back."""
