"""RabbitMQ and the batch shell: how a message becomes a decision, and where it goes when it cannot."""
