"""What can be asked about plans once there are some: they are set side by side here."""
