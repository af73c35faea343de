"""Stand-ins for what is paid or cannot be had; they speak the real wire formats over real sockets."""
