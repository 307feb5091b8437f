"""From what entered an ensemble to members that can answer."""
