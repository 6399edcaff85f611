"""Training: from data sets to the weights that ship."""
