"""What all four services share: the contract, the shape of work, and the servers they lean on."""
