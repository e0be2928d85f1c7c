"""How audiences overlap, learned from what was measured: curves, latent cells from pairs, samples of people."""
