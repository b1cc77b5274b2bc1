"""Who may do what: tokens with roles and scope for people, signed links for customers."""
