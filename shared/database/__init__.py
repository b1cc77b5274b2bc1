"""PostgreSQL: the engine, the one transaction, documents, and the tables every service has."""
