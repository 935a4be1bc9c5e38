"""The verbs of what the operator asks; each noun's in its own file."""

from o2o.requirements.settings import add_requirement, publish_terms, set_requirement

__all__ = ["add_requirement", "publish_terms", "set_requirement"]
