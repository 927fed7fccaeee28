"""Operating a workspace: logs without secrets, metrics, the status page, `doctor`, the warm-up after a start."""
