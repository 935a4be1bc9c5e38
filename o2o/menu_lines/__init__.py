"""A line of a menu as a plain value: how two are the same, and how a file of prices becomes lines, or what is wrong."""
