"""Personal data: sealed before it is stored or told, opened only for who may see it."""
