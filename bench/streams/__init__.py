"""Many event streams of a real server: what they cost, and how soon a change reaches them."""
