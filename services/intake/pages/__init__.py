"""What does the customer see of the case? One page, behind the link that was sent to them."""
