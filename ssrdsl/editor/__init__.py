"""What an editor asks of a `.ssr` text: pure functions on a text and an offset, and the language server around them."""
