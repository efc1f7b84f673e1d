"""One catalogue of data sets: who keeps each, what it holds, who may use it, how good it is; exchanged with proof."""
