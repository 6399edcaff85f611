"""Every rule about leaving this machine: addresses, robots.txt, waiting, conditional requests."""
