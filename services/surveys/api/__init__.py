"""What can programs and managers ask surveys? JSON over HTTP."""
