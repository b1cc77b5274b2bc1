"""Nothing is published uncommitted, nothing committed stays unpublished, nothing is handled twice."""
