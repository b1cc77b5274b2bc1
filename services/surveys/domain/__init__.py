"""What is an invitation, how may it change, and what do answers come to? Pure."""
