"""A study's demand on its service graph: flows, prices of full rows, what is asked of them."""
