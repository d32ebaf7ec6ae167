"""Speed as ratios, both sides measured in turn within one run: the seconds of one machine say little elsewhere."""
