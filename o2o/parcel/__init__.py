"""What a shop takes along: everything of its own in one file, table by table, and nothing of anybody else."""
