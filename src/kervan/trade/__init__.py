"""From the network to trade costs, and from trade costs to trade: data, gravity, potential."""
