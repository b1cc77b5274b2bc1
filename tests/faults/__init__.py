"""The fault rig: kill, stop and cut everything under load, then audit that nothing was lost (docs/faults.md)."""
