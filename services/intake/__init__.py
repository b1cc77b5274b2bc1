"""Where does a complaint come in, and where does it stand? The register.

Hears: everything that routing, escalation and surveys tell about its complaints.
Tells: complaint.registered, acknowledged, declined, amended, withdrawn, reopened,
merged, absorbed; customer.replied.
Keeps: the register with each complaint's history, and the complaint numbers.
"""
