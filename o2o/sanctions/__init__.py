"""What happens to a shop that breaks the rules: warn, limit, suspend, delist; each with rule, evidence and appeal.

What was sold before stays good or is paid back, whatever the step.
"""
