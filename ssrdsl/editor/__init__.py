"""Editor support for `.ssr` texts: pure functions of a text and an offset, and the language server around them."""
