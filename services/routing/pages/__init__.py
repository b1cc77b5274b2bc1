"""What people print and send: sheets, letters and agreements, as pages and as PDF."""
