"""The town's own drawing: streets, water, green and buildings, cut into tiles; owns no truth about shops."""
