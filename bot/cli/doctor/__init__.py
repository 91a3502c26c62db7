"""``python -m bot doctor``: each part looked at on its own, so that one that fails hides no other."""
