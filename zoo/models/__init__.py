"""What decides a member's network, and the network: pixels, backbone, head."""
