"""From the bytes of a file of creators, or a frame from memory, to columns of text, strictly."""
