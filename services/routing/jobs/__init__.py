"""What time starts in routing: counting the load, trying stranded work again, seeking causes that return."""
